"""What people put into tickets who mean ill: markup, mentions, macros, formulas, steering."""

from __future__ import annotations

MARKUP = (
    "[~admin]", "[~accountid:5b10a2844c20165700ede21g]", "@here", "@channel", "@everyone",
    "<!here>",
    "<@U012AB3CD>", "{html}<script>alert(1)</script>{html}", "{code}x{code}", "{noformat}",
    "{noformat:title=x}", "{NOFORMAT}", "{panel:bgColor=red}x{panel}", "{color:red}x{color}",
    "{jira:jql=project=X}", "{include:Page}", "!https://evil.example/x.png!", "!x.png|width=1!",
    "[x|javascript:alert(1)]", "[x|https://evil.example]", "[^file.exe]", "[#anchor]",
    "https://evil.example/x", "javascript:alert(1)", "h1. Title", "bq. quote", "----", "||a||b||",
    "|a|b|", "* item", "# item", "- item", "*bold*", "_it_", "+ins+", "-del-", "^sup^", "~sub~",
    "??cite??", "{{mono}}", "{quote}", "\\\\", "\\[~admin\\]", "\\\\[~admin]",
)  # fmt: skip
SERVICENOW = (
    "[code]<img src=x onerror=alert(1)>[/code]", "[CODE]x[/CODE]", "[ code ]x[ / code ]", "[Code]",
    "[code\t]", "[\u200bcode]", "[code\u200b]", "[c\u200bode]", "[\x00code]", "[co\x00de]",
    "[[code]]",
    "[\u00a0code]", "[co\u00adde]", "[code]", "[/code]", "[sla:forged]", "[ SLA : forged]",
    "[s\u200bla:forged]",
)  # fmt: skip
STEERING = (
    "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x07x\x1b]8;;\x07",
    "\x9b31m",
    "\r\x1b[K overwritten", "\x08\x08\x08", "\u202egpj.exe", "\u2066x\u2069", "\x00", "\x7f",
    "\x85",
)  # fmt: skip
TEMPLATES = (
    "{{7*7}}", "{0.__class__}", "{key.__class__.__mro__}", "${7*7}", "$(id)", "`id`",
    "%(key)s", "%s",
    "{team}", "{key}", "{{ticket.key}}", "{priority!r}", "{left:>9999999}", "#{7*7}", "<%= 7*7 %>",
)  # fmt: skip
FORMULAS = (
    '=HYPERLINK("https://evil.example")', "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1",
    "\0=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)", '"=1+1"', ",=1+1", "';=1", "=cmd|' /C calc'!A0",
)  # fmt: skip
HTML = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>',
    "&lt;b&gt;",
    "</title><script>", "<a href='javascript:x'>", "<style>*{}</style>", "<!--", "]]>",
)  # fmt: skip

EVERY = (*MARKUP, *SERVICENOW, *STEERING, *TEMPLATES, *FORMULAS, *HTML)
PLACED = tuple(
    form.replace("…", payload) for payload in EVERY for form in ("…", "word … word", "(…)")
)
"""Each payload alone, amid words, and in brackets: more than 300."""
