"""pip-audit over a lock file; what could not be asked is said, and never taken for well.

    python tests/audit.py PIP_AUDIT LOCK

Exit code 1 where a vulnerability is known. Where no list of them can be reached, or the index has
none, it says that nothing was audited and how many packages that concerns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def told(report: dict[str, Any]) -> tuple[int, list[str]]:
    """The exit code and the lines for a report of pip-audit (`--format json`)."""
    packages = report["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    lines = [
        f"{one['name']} {one['version']}: {found['id']}, mended in {mended(found)}"
        for one in packages
        for found in one.get("vulns", ())
    ]
    code = 1 if lines else 0
    audited = len(packages) - len(skipped)
    lines.append(f"{audited} of {len(packages)} packages audited, {len(lines)} vulnerabilities")
    if skipped:
        lines.append(f"SKIPPED {len(skipped)}: the index knows no advisories of {skipped[0]}, ...")
    return code, lines


def mended(found: dict[str, Any]) -> str:
    return ", ".join(found["fix_versions"]) or "no version yet"


def main(tool: str, lock: str) -> int:
    """Run it; a tool that breaks off (no network) is told as such."""
    command = [tool, "--requirement", lock, "--no-deps", "--disable-pip", "--format", "json"]
    try:
        done = subprocess.run(
            [*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False
        )
    except OSError as error:
        print(f"SKIPPED: pip-audit could not be installed: {error.strerror}")
        return 0
    try:
        code, lines = told(json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        code, lines = 0, [f"SKIPPED: pip-audit reached no list of vulnerabilities: {last[:200]}"]
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
