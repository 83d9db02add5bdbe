"""What people of the invented desk write."""

from __future__ import annotations


def _titles(
    things: tuple[str, ...], troubles: tuple[str, ...], asked: tuple[str, ...]
) -> list[str]:
    return [f"{thing} {trouble}" for thing in things for trouble in troubles] + list(asked)


TITLES: dict[str, list[str]] = {
    "Payments": _titles(
        ("Card form", "Invoice export", "Refund job", "Direct debit run", "Checkout", "Tax report"),
        ("times out", "books twice", "fails for one country", "shows the wrong total"),
        ("How do we void a paid invoice?", "Which account receives refunds?"),
    ),
    "Identity": _titles(
        ("Single sign-on", "Two-factor prompt", "Account lock", "Role change", "Guest invitation"),
        ("loops after log-in", "does not arrive", "fails on mobile", "takes ten minutes"),
        ("How do I hand over my admin role?", "Can guests see the archive?"),
    ),
    "Network": _titles(
        ("VPN", "Branch link", "Wi-Fi on floor 3", "File transfer", "Name service", "Proxy"),
        ("drops every hour", "is slow since Monday", "refuses new clients", "fails at night"),
        ("Which ports does the scanner need?", "When is the next network window?"),
    ),
    "Workplace": _titles(
        ("Laptop dock", "Meeting room screen", "Label printer", "Headset", "Badge reader"),
        ("is not found after the update", "freezes", "prints blank pages", "needs a new driver"),
        ("How do I order a second badge?", "Where do old laptops go?"),
    ),
}
ANSWERS = (
    "Thank you, I could reproduce it and am looking for the cause.",
    "I have your request and begin with the logs of this morning.",
    "Seen. A colleague and I are on it, next word from us within the day.",
    "This looks like a fault on our side; I will keep you posted here.",
)
NOTES = (
    "Same pattern as last month's case, see the runbook.",
    "Asked the platform team whether anything was rolled out.",
    "Log shows retries against the old endpoint.",
    "Customer is on the list for the early update.",
)
ASKS = (
    "Could you send us the exact time at which you saw it last?",
    "Which browser and version do you use?",
    "Please try again after signing out once, and tell us what you see.",
    "May we restart your node between 18:00 and 19:00?",
)
REPLIES = (
    "It happened again at 10:12, screenshot is on the way.",
    "Signed out and in, no change.",
    "Yes, please go ahead.",
    "Two of us tried, one still sees it.",
)
SOLVED = (
    "The setting was lost in the last update. It is back and we added a check for it.",
    "We replaced the faulty node; the figures are right again.",
    "Fixed and watched for half an hour without another error.",
    "You can use it again. The cause was an expired certificate.",
)
THANKS = ("Works, thank you.", "Confirmed, all fine again.", "Thanks for the quick help.")
