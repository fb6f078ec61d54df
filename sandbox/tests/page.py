"""Drives the page at `/` as page.sh says: places an order, presses its button "pay" over the DevTools
protocol, looks at the table, takes a screenshot. Standard library only; openssl signs."""

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

    def call(self, method, **params):
        self.count += 1
        data = json.dumps({"id": self.count, "method": method, "params": params}).encode()
        mask = os.urandom(4)
        head = bytes([0x81, 0x80 | 126]) + struct.pack(">H", len(data)) + mask
        self.socket.sendall(head + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))
        while True:
            message = json.loads(self.read())
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


def order(config):
    body = json.dumps({
        "appid": config["appid"], "mchid": config["mchid"], "description": "a thing", "out_trade_no": "page-1",
        "notify_url": "http://127.0.0.1:9/notify", "amount": {"total": 1}})
    path, now, nonce = "/v3/pay/transactions/native", str(int(time.time())), os.urandom(16).hex()
    message = f"POST\n{path}\n{now}\n{nonce}\n{body}\n".encode()
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", config["files"]["private_key"]],
                               input=message, capture_output=True, check=True).stdout
    headers = {
        "Authorization": f'WECHATPAY2-SHA256-RSA2048 mchid="{config["mchid"]}",nonce_str="{nonce}",timestamp="{now}",'
                         f'serial_no="{config["serial_no"]}",signature="{base64.b64encode(signature).decode()}"',
        "Accept": "application/json", "Content-Type": "application/json", "User-Agent": "page.py",
        "Wechatpay-Serial": config["public_key_id"]}
    urllib.request.urlopen(urllib.request.Request(config["url"] + path, body.encode(), headers)).read()


def until(what, test):
    for _ in range(200):
        try:
            if found := test():
                return found
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"never: {what}")


def main():
    sandbox = subprocess.Popen([os.environ["SANDBOX"], "serve", "--state", tempfile.mkdtemp()], stdout=subprocess.PIPE)
    profile = tempfile.mkdtemp()
    browser = subprocess.Popen([os.environ["CHROMIUM"], "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                                "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
                               stderr=subprocess.DEVNULL)
    try:
        config = json.loads(sandbox.stdout.readline())
        order(config)
        port = until("DevTools", lambda: open(f"{profile}/DevToolsActivePort").readline().strip())
        tabs = until("a tab", lambda: json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list")))
        tab = Tab(next(tab for tab in tabs if tab["type"] == "page")["webSocketDebuggerUrl"])
        tab.call("Page.navigate", url=config["url"])
        until("the order with its button", lambda: tab.value("!!document.querySelector('#orders form button')"))
        tab.value("document.querySelector('#orders form button').click()")
        until("a paid order", lambda: tab.value("document.querySelector('#orders td.SUCCESS')?.textContent") == "SUCCESS")
        shot = tab.call("Page.captureScreenshot", format="png")["data"]
        target = os.path.join(os.environ["OUT"], "page.png")
        open(target, "wb").write(base64.b64decode(shot))
        print(f"paid; {target}")
    finally:
        browser.terminate()
        sandbox.terminate()


main()
