"""A person's browser: Chromium without a window, driven by its DevTools protocol."""

import base64
import contextlib
import itertools
import json
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from .progress import SandboxError
from .waiting import until

START_TIMEOUT = 60
TIMEOUT = 60
STILL_SECONDS = 3
DESKTOP, PHONE = (1280, 900), (375, 812)
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
# The centre of an element that can be seen, after it was brought into sight.
FIND = """
(() => {
    const found = [...document.querySelectorAll(%(selector)s)].filter(
        (one) =>
            one.offsetParent !== null &&
            // What is folded away has a place, too.
            one.checkVisibility() &&
            !one.disabled &&
            one.textContent.includes(%(text)s)
    );
    if (!found.length) { return null; }
    found[0].scrollIntoView({ block: "center" });
    const box = found[0].getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
})()
"""


class Browser:
    """One tab. Selectors are CSS; what is not there yet is waited for."""

    def __init__(self, url, size=DESKTOP):
        self.url = url
        self.size = size
        self._numbers = itertools.count(1)
        self._socket = None

    @contextlib.contextmanager
    def open(self):
        """Start the browser for the time of the block."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            process = subprocess.Popen(
                ["chromium", *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                self._connect(Path(profile, "DevToolsActivePort"))
                self.resize(*self.size)
                yield self
            finally:
                process.terminate()
                process.wait(30)

    def _connect(self, port_file):
        # Only the tests need it.
        import websocket  # noqa: PLC0415

        words = until(
            lambda: port_file.exists() and port_file.read_text("utf-8").split(),
            START_TIMEOUT,
        )
        if not words:
            raise SandboxError("Chromium does not start.")
        port = words[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            targets = json.load(answer)
        page = next(target for target in targets if target["type"] == "page")
        self._socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], timeout=TIMEOUT
        )

    def _call(self, method, **parameters):
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while (answer := json.loads(self._socket.recv())).get("id") != number:
            continue
        if "error" in answer:
            raise SandboxError(f"Chromium refuses {method}: {answer['error']}")
        return answer["result"]

    # ------------------------------------------------------------------
    # A PERSON
    # ------------------------------------------------------------------

    def resize(self, width, height):
        """Become a window of this size; a narrow one is a phone."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def before_each_page(self, script):
        """Run a piece of JavaScript at the beginning of each page from now on."""
        self._call("Page.enable")
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def go(self, path):
        """Open a page of Odoo."""
        self._call("Page.navigate", url=f"{self.url}{path}")

    def log_in(self, login, path="/odoo"):
        """Log in; the password is the login."""
        self.go(f"/web/login?redirect={path}")
        self.fill("input[name=login]", login)
        self.fill("input[name=password]", login)
        self.click("form.oe_login_form button[type=submit]")

    def click(self, selector, text=""):
        """Click on an element, narrowed down by its text, once it stands still: what
        is drawn anew meanwhile would not feel the click."""
        x, y = self._wait_until_still(selector, text)
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="left",
                clickCount=1,
            )

    def fill(self, selector, text):
        """Replace what is in an input by typing."""
        self.click(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).select?.()")
        self._call("Input.insertText", text=text)
        # Leaving the field tells Odoo.
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab")

    def wait_for(self, selector, text="", timeout=TIMEOUT):
        """Wait until an element with this text is in sight; return its centre."""
        values = {"selector": json.dumps(selector), "text": json.dumps(text)}
        place = until(lambda: self.run(FIND % values), timeout)
        if not place:
            raise SandboxError(
                f"The page never shows {selector} {text!r}. It says:\n"
                f"{self.run('document.body.innerText')}"
            )
        return place

    def _wait_until_still(self, selector, text):
        """Return the centre of an element that was there twice in a row, or where it
        is when it never stands still."""
        places = []

        def is_still():
            places.append(self.wait_for(selector, text))
            return places[-2:-1] == places[-1:]

        until(is_still, STILL_SECONDS)
        return places[-1]

    def text(self, selector):
        """Return the text of an element."""
        self.wait_for(selector)
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def run(self, script):
        """Return the value of a piece of JavaScript, of a promise what it resolves to;
        None while a page is changing."""
        result = self._call(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
        )
        return result["result"].get("value")

    def screenshot(self, path):
        """Keep a picture of what the window shows. Of more than that Chromium takes one
        by growing the window, which draws menus and lists anew, as on a phone."""
        picture = self._call("Page.captureScreenshot")
        Path(path).write_bytes(base64.b64decode(picture["data"]))
