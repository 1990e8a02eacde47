"""Asks whether advisories are known for what is installed here (pip-audit). Where there is no network, it says so.

It fails only for an advisory: a register that does not answer is no reason to stop anybody's work.
"""

from __future__ import annotations

import json
import subprocess
import sys

#: Advisories that do not concern us, each with the reason.
IGNORED: dict[str, str] = {}
#: Seconds for one answer, and for all of them.
ONE, ALL = 10, 120


def main() -> int:
    ignored = [part for advisory in IGNORED for part in ("--ignore-vuln", advisory)]
    flags = ("--local", "--skip-editable", "--progress-spinner", "off", "--timeout", str(ONE), "--format", "json")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *flags, *ignored],
            capture_output=True,
            text=True,
            timeout=ALL,
            check=False,
        )
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        packages = []
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        print("pip-audit: no register of advisories can be reached from here, so nothing was looked up.")
        return 0
    found = [(package, advisory) for package in asked for advisory in package["vulns"]]
    for package, advisory in found:
        fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
        print(f"pip-audit: {package['name']} {package['version']} has {advisory['id']}, which is fixed in {fixed}.")
    print(f"pip-audit: {len(asked)} packages of {len(packages)} looked up, {len(found)} advisories.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
