"""Every endpoint and who may open it."""

from __future__ import annotations

import json

import click

from ethics_eval.cli.running import application
from ethics_eval.web.access import declared


@click.command("routes")
@click.option("--json", "as_json", is_flag=True, help="as one JSON array")
def routes(as_json: bool) -> None:
    """Every endpoint: methods, path, endpoint, audience, permission, roles and scopes."""
    with application() as app:
        access = declared(app)
        rows = []
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
            asked = access[rule.endpoint]
            rows.append(
                {
                    "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
                    "path": rule.rule,
                    "endpoint": rule.endpoint,
                    "audience": asked.audience.value,
                    "permission": asked.permission.value if asked.permission else None,
                    "scope": asked.scopes(),
                }
            )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        words = (",".join(row["methods"]), row["path"], row["endpoint"], row["permission"] or row["audience"])
        click.echo("{:10} {:50} {:32} {}".format(*words))
