"""Drives the page at `/` over the DevTools protocol, as page.sh says. Standard library only; openssl signs."""

import base64, hashlib, json, os, socket, struct, subprocess, sys, tempfile, time, urllib.request


class Tab:
    """One page over a WebSocket to DevTools."""

    def __init__(self, url):
        host, path = url.removeprefix("ws://").split("/", 1)
        name, port = host.split(":")
        self.socket = socket.create_connection((name, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        request = (f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n")
        self.socket.sendall(request.encode())
        self.file = self.socket.makefile("rb")
        while self.file.readline().strip():
            pass
        self.count = 0
        self.problems = []

    def call(self, method, **params):
        self.count += 1
        data = json.dumps({"id": self.count, "method": method, "params": params}).encode()
        mask = os.urandom(4)
        head = bytes([0x81, 0x80 | 126]) + struct.pack(">H", len(data)) + mask
        self.socket.sendall(head + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))
        while True:
            message = json.loads(self.read())
            if message.get("method") == "Log.entryAdded":
                entry = message["params"]["entry"]
                self.problems += [entry["text"]] if entry["level"] == "error" else []
            if message.get("method") == "Runtime.exceptionThrown":
                self.problems.append(json.dumps(message["params"]["exceptionDetails"]))
            if message.get("id") == self.count:
                return message.get("result", {})

    def read(self):
        text = b""
        while True:
            first, second = self.file.read(2)
            length = second & 127
            if length == 126:
                length = struct.unpack(">H", self.file.read(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self.file.read(8))[0]
            text += self.file.read(length)
            if first & 0x80:
                return text

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression).get("result", {}).get("value")


def place(config, number, kind="native", **more):
    """Places an order: the response."""
    body = json.dumps({
        "appid": config["appid"], "mchid": config["mchid"], "description": "a thing", "out_trade_no": number,
        "notify_url": "http://127.0.0.1:9/notify", "amount": {"total": 1}, **more})
    path, now, nonce = f"/v3/pay/transactions/{kind}", str(int(time.time())), os.urandom(16).hex()
    message = f"POST\n{path}\n{now}\n{nonce}\n{body}\n".encode()
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", config["files"]["private_key"]],
                               input=message, capture_output=True, check=True).stdout
    headers = {
        "Authorization": f'WECHATPAY2-SHA256-RSA2048 mchid="{config["mchid"]}",nonce_str="{nonce}",timestamp="{now}",'
                         f'serial_no="{config["serial_no"]}",signature="{base64.b64encode(signature).decode()}"',
        "Accept": "application/json", "Content-Type": "application/json", "User-Agent": "page.py",
        "Wechatpay-Serial": config["public_key_id"]}
    return json.load(urllib.request.urlopen(urllib.request.Request(config["url"] + path, body.encode(), headers)))


def until(what, test):
    for _ in range(200):
        try:
            if found := test():
                return found
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"never: {what}")


def shoot(tab, name):
    """A screenshot of the whole page, which must not be wider than the window."""
    wide = tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        sys.exit(f"{name}: the page is {wide} pixels wider than the window")
    shot = tab.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
    target = os.path.join(os.environ["OUT"], f"{name}.png")
    open(target, "wb").write(base64.b64decode(shot))
    print(target)


def window(tab, width, height, scheme="light"):
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
    tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def drive(tab, config):
    rows = "document.querySelectorAll('#orders tr').length"
    place(config, "page-01")
    window(tab, 1200, 1000)
    tab.call("Log.enable")
    tab.call("Runtime.enable")
    tab.call("Page.navigate", url=config["url"])
    until("the order with its button", lambda: tab.value("!!document.querySelector('#orders form button')"))
    tab.value("document.querySelector('#orders form button').click()")
    until("a paid order", lambda: tab.value("document.querySelector('#orders td.SUCCESS')?.textContent") == "SUCCESS")
    before = tab.value(rows)
    place(config, "page-02")
    until("the live update", lambda: tab.value(rows) == before + 1)
    unlabelled = tab.value("[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]"
                           ".filter(field => !field.labels.length).map(field => field.name).join()")
    if unlabelled:
        sys.exit(f"fields without a label: {unlabelled}")
    tab.value("document.querySelector('#calls details').open = true")
    shoot(tab, "light")
    window(tab, 1200, 1000, "dark")
    shoot(tab, "dark")
    window(tab, 390, 844)
    shoot(tab, "narrow")
    tab.call("Page.navigate", url=config["url"] + "/?q=page-02")
    until("the search", lambda: tab.value(rows) == before)
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    tab.call("Page.navigate", url=place(config, "page-03", "h5", scene_info=scene)["h5_url"])
    until("the payer's page", lambda: tab.value("document.querySelector('form button')?.textContent") == "pay")
    shoot(tab, "payer")
    tab.value("document.querySelector('form button').click()")
    until("the third order", lambda: tab.value("document.querySelectorAll('#orders td.SUCCESS').length") == 2)
    # The browser asks for an icon, which there is none of.
    problems = [problem for problem in tab.problems if "404" not in problem]
    if problems:
        sys.exit(f"errors on the page: {problems}")


def main():
    sandbox = subprocess.Popen([os.environ["SANDBOX"], "serve", "--state", tempfile.mkdtemp()], stdout=subprocess.PIPE)
    profile = tempfile.mkdtemp()
    browser = subprocess.Popen([os.environ["CHROMIUM"], "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                                "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
                               stderr=subprocess.DEVNULL)
    try:
        config = json.loads(sandbox.stdout.readline())
        port = until("DevTools", lambda: open(f"{profile}/DevToolsActivePort").readline().strip())
        tabs = until("a tab", lambda: json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list")))
        tab = Tab(next(tab for tab in tabs if tab["type"] == "page")["webSocketDebuggerUrl"])
        drive(tab, config)
    finally:
        browser.terminate()
        sandbox.terminate()


main()
