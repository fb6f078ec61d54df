"""What the Python clients share: the sandbox's settings, a receiver of notifications, lines of results."""
import json, os, ssl, threading, time, urllib.request, uuid
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

conf = json.load(open(os.environ["CONF"]))
URL, MODE = conf["url"], os.environ["MODE"]
OPENID = "oSB0sandboxpayer00000000000000"
TODAY = datetime.now(timezone(timedelta(hours=8)))


def read(name):
    return open(conf["files"][name]).read()


def number(prefix):
    return prefix + uuid.uuid4().hex[:16]


def control(path, body=None):
    context = ssl.create_default_context(cafile=conf["files"]["ca"]) if URL.startswith("https") else None
    request = urllib.request.Request(
        f"{URL}/control/{path}", json.dumps(body or {}).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, context=context))


def step(what, action):
    """Runs one step, and prints its line; the value, or None."""
    try:
        value = action()
        print("ok", what, str(value)[:200].replace("\n", " "), sep="\t", flush=True)
        return value
    except BaseException as error:
        detail = f"{type(error).__name__}: {error}"[:400].replace("\n", " ")
        print("failed", what, detail, sep="\t", flush=True)


class Receiver:
    """Receives notifications; `accept(path, headers, body)` is the client's own code."""

    def __init__(self, accept, success=b'{"code":"SUCCESS"}'):
        self.got = got = {}

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    got[self.path] = accept(self.path, dict(self.headers), body)
                    status = 200
                except Exception as error:
                    got[self.path], status = error, 401
                self.send_response(status)
                self.end_headers()
                self.wfile.write(success if status == 200 else b"")

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"

    def wait(self, path):
        end = time.time() + 5
        while path not in self.got:
            if time.time() > end:
                raise Exception("no notification came within 5 s")
            time.sleep(0.05)
        if isinstance(self.got[path], Exception):
            raise self.got[path]
        return self.got[path]
