"""Somebody at a browser."""


class Reader:
    """Somebody at a browser, signed in. What the browser complains of (a blocked style, a failed script) is kept."""

    def __init__(self, chromium, served, user="", **options):
        options = {"viewport": {"width": 390, "height": 844}, "locale": "nb-NO"} | options
        self.served = served
        self.complaints = []
        self.context = chromium.new_context(base_url=served.url, **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        if user:
            self.page.goto(f"/demo/{user}")
            self.page.click("main button")

    def open(self, path, width=None):
        if width:
            self.page.set_viewport_size({"width": width, "height": 844})
        self.page.goto(path)
        return self.page

    def close(self):
        self.context.close()
