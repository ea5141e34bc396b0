"""Calls models the way the web client does: a login, then ``call_kw``."""

import http.client
import json

from .progress import SandboxError

TIMEOUT = 300


class RpcError(Exception):
    """What Odoo answered instead of a result; ``name`` is the exception's class."""

    def __init__(self, error):
        data = error.get("data", {})
        self.name = data.get("name", "")
        self.debug = data.get("debug", "")
        super().__init__(data.get("message") or error.get("message"))


class Rpc:
    """A session of one user in one database. Names that begin with ``_`` are refused
    by Odoo: use a public method, an action, or ``ir.cron.method_direct_trigger``.
    """

    def __init__(self, port, database, login="admin", password=None):
        self.port = port
        self.cookie = ""
        result = self._post(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password or login},
        )
        self.uid = result.get("uid")
        if not self.uid:
            raise SandboxError(f"Odoo refuses the login {login} to {database}.")

    def _post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        headers = {"Content-Type": "application/json", "Cookie": self.cookie}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            self._keep_cookie(response)
            answer = json.loads(response.read())
        finally:
            connection.close()
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer.get("result")

    def _keep_cookie(self, response):
        for cookie in response.headers.get_all("Set-Cookie", []):
            if cookie.startswith("session_id="):
                self.cookie = cookie.partition(";")[0]

    def post(self, path, values):
        """Call another JSON route of the web client."""
        return self._post(path, values)

    def get(self, path):
        """Open a page in this session; return (status, where it leads, its text)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request("GET", path, headers={"Cookie": self.cookie})
            response = connection.getresponse()
            self._keep_cookie(response)
            text = response.read().decode()
            return response.status, response.getheader("Location"), text
        finally:
            connection.close()

    def __call__(self, model, method, *args, **kwargs):
        """Call a public method: ``rpc("res.users", "read", [2], ["name"])``."""
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def ref(self, xmlid):
        """Return the database id behind an external id."""
        module, _, name = xmlid.partition(".")
        domain = [["module", "=", module], ["name", "=", name]]
        rows = self("ir.model.data", "search_read", domain, ["res_id"])
        if not rows:
            raise SandboxError(f"There is no record {xmlid} in the database.")
        return rows[0]["res_id"]

    def run_cron(self, xmlid):
        """Run a scheduled action now and wait for its end."""
        self("ir.cron", "method_direct_trigger", [self.ref(xmlid)])
