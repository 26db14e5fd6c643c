"""Alert rules and the dashboard speak of metrics that exist, with labels that they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse

from .harness import CLASSIFY, Service

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())
SCRAPE = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
DASHBOARD = json.loads((DEPLOY / "grafana" / "inkdigits.json").read_text())
#: What Prometheus adds to what it scrapes.
ITS_OWN = {"up": {"job", "instance"}}
FROM_SCRAPE = {"job", "instance"}


class Used(NamedTuple):
    """A metric as a query uses it: its name, the labels it is asked for, their exact values."""

    name: str
    labels: frozenset[str]
    values: frozenset[tuple[str, str]]


def selectors(node: Any) -> Iterator[Used]:
    """All metrics in a parsed query, with the labels that the parts around them group by."""
    if isinstance(node, promql_parser.VectorSelector):
        matchers = node.matchers.matchers
        exact = {(it.name, it.value) for it in matchers if str(it.op) == "MatchOp.Equal"}
        yield Used(node.name or "", frozenset(it.name for it in matchers), frozenset(exact))
    grouped = frozenset(getattr(getattr(node, "modifier", None), "labels", None) or ())
    for part in ("lhs", "rhs", "expr", "param", "vector_selector", "args"):
        inside = getattr(node, part, None)
        for it in inside if isinstance(inside, list) else [inside]:
            if it is not None:
                for used in selectors(it):
                    yield used._replace(labels=used.labels | grouped)


def used(query: str) -> list[Used]:
    query = query.replace("$__rate_interval", "5m")
    return list(selectors(promql_parser.parse(query)))


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


QUERIES = {rule.get("alert", rule.get("record")): [rule["expr"]] for rule in rules()} | {
    panel["title"]: [target["expr"] for target in panel["targets"]] for panel in panels()
}


@pytest.fixture(scope="module")
def there(real_service: Service) -> dict[str, set[str]]:
    """Each series that a running service has: its labels."""
    real_service.post(CLASSIFY, json={"strokes": [[[10, 10], [40, 10], [20, 70]]]})
    found: dict[str, set[str]] = {}
    for family in parse(real_service.get("/metrics").text):
        for it in family.samples:
            found.setdefault(it.name, set()).update({*it.labels, *FROM_SCRAPE})
    recorded = {rule["record"]: {"job", "route"} for rule in rules() if "record" in rule}
    return found | recorded | ITS_OWN


@pytest.mark.parametrize("title", QUERIES)
def test_queries_use_what_is_there(there: dict[str, set[str]], title: str) -> None:
    for query in QUERIES[title]:
        found = used(query)
        assert found, query
        for it in found:
            assert it.name in there, f"{query}: no metric {it.name}"
            assert it.labels <= there[it.name], f"{query}: {it.name} has no such label"


def test_the_autoscalers_query_uses_what_is_there(there: dict[str, set[str]]) -> None:
    adapter = yaml.safe_load((DEPLOY / "prometheus" / "adapter.yaml").read_text(encoding="utf-8"))
    (rule,) = adapter["rules"]["custom"]
    query = rule["metricsQuery"]
    for template, value in (
        ("<<.Series>>", rule["seriesQuery"].partition("{")[0]),
        ("<<.LabelMatchers>>", 'pod="a"'),
        ("<<.GroupBy>>", "pod"),
    ):
        assert template in query
        query = query.replace(template, value)
    (found,) = used(query)
    assert found.name in there
    assert found.labels - {"pod"} <= there[found.name]
    scaler = DEPLOY / "kubernetes" / "overlays" / "production-queue" / "autoscaler.yaml"
    metrics = yaml.safe_load(scaler.read_text(encoding="utf-8"))["spec"]["metrics"]
    assert metrics[1]["pods"]["metric"]["name"] == rule["name"]["as"]


def test_values_in_queries_are_there(real_service: Service) -> None:
    text = real_service.get("/metrics").text
    routes = set(real_service.get("/openapi.json").json()["paths"])
    for queries in QUERIES.values():
        for it in (it for query in queries for it in used(query)):
            for label, value in it.values - {("job", "inkdigits")}:
                assert value in routes if label == "route" else f'{label}="{value}"' in text


def test_a_wrong_query_would_be_seen() -> None:
    (one,) = used('sum by (digits) (rate(predictions_total{job="x"}[$__rate_interval]))')
    assert one == Used("predictions_total", frozenset({"digits", "job"}), frozenset({("job", "x")}))
    with pytest.raises(ValueError, match="parenthesis"):
        used("sum(rate(predictions_total)")


def test_every_metric_of_ours_is_on_the_dashboard(real_service: Service) -> None:
    shown = {it.name for panel in panels() for t in panel["targets"] for it in used(t["expr"])}
    ours = {it.name for it in parse(real_service.get("/metrics").text)}
    for name in (it for it in ours if not it.startswith("process_")):
        assert any(re.fullmatch(f"{name}(_total|_bucket|_sum|_count)?", it) for it in shown), name


def test_alerts_say_what_happened_and_what_to_do() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts) > 5
    for rule in alerts:
        assert rule["alert"].startswith("Inkdigits")
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert all(text.endswith((".", ".)")) for text in rule["annotations"].values())


def test_the_job_that_rules_name_is_the_one_that_is_scraped() -> None:
    (job,) = SCRAPE["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert SCRAPE["rule_files"] == ["rules.yml"]
    named = {
        value
        for rule in rules()
        for it in used(rule["expr"])
        for label, value in it.values
        if label == "job"
    }
    assert named == {job["job_name"]}


def test_the_dashboard_is_one_that_grafana_lays_out() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + dx, place["y"] + dy)
            for dx in range(place["w"])
            for dy in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    assert all(panel["description"].endswith(".") for panel in panels())
    variables = {it["name"] for it in DASHBOARD["templating"]["list"]}
    asked = set(re.findall(r"\$\{?([a-z]+)\b", json.dumps(panels())))
    assert asked == variables


def test_provisioning_finds_the_source_and_the_dashboard() -> None:
    folder = DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yaml").read_text())[
        "datasources"
    ]
    (provider,) = yaml.safe_load((folder / "dashboards" / "inkdigits.yaml").read_text())[
        "providers"
    ]
    assert source["type"] == "prometheus"
    assert source["uid"] == DASHBOARD["templating"]["list"][0]["current"]["value"]
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
