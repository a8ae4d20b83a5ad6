"""Somebody at a browser."""

PAINTED = "() => new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen)))"
"""Nobody presses a key before the page is drawn: a busy machine loads it, and only then goes to its fragment."""


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
            self._sign_in(user)

    def _sign_in(self, user):
        """Through the page the first time; other readers who are the same user come with that session."""
        if user not in self.served.sessions:
            self.page.goto(f"/demo/{user}")
            self.page.click("main button")
            self.page.wait_for_load_state()
            self.served.sessions[user] = self.context.cookies()
        self.context.add_cookies(self.served.sessions[user])

    def open(self, path, width=None):
        if width:
            self.look(width)
        self.page.goto(path)
        return self.page

    def look(self, width, scheme=None):
        """The same page on a screen of another width, or in the dark: there is no script that would need a new load."""
        self.page.set_viewport_size({"width": width, "height": 844})
        if scheme:
            self.page.emulate_media(color_scheme=scheme)
        self.page.evaluate(PAINTED)

    def close(self):
        self.context.close()


def sideways(page):
    """By how many pixels the page must be scrolled sideways."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def axe_finds_nothing(page):
    """Axe's rules, of which only what is broken is told: listing all that passed takes longer than looking."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - not where there is no browser

    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
