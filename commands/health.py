"""sla health: one line for cron, containers and monitoring, by what the passes left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.session import Clock, config_option, now_option, open_settings, ticking

if TYPE_CHECKING:
    from typing import Any

    from sla_engine.units import Instant, Millis

CODES = {"ok": 0, "warning": 1, "critical": 2}
"""As monitoring plugins have them."""


class Length(click.ParamType["Millis"]):
    """`15m`, `90s`."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Millis:
        from sla_engine.units import parse_duration

        length = parse_duration(str(value))
        if length is None or length.business_days or length.months or not length.millis:
            self.fail(f"{value!r} is no duration; write 15m or 90s", param, ctx)
        return length.millis


@click.command()
@click.option("--max-age", type=Length(), metavar="DURATION", help="how old data may be")
@now_option
@config_option
@click.pass_obj
def command(clock: Clock, max_age: Millis | None, now: Instant | None, config: str | None) -> int:
    """Say in one line whether the service does its work. Asks no system.

    Exit code 0: every connection was read within --max-age (else ten minutes, or three heartbeats).
    1: the last try of one failed. 2: one is too old, or the state cannot be used.
    """
    from reports.health import health_line
    from service.watch.health import health

    found = health(open_settings(config), ticking(now, clock)(), max_age)
    click.echo(health_line(found))
    return CODES[found.level]
