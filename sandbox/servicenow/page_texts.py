"""The pages' looks: plain HTML and CSS that work without scripts and ask nothing of the net."""

STYLE = """
:root { color-scheme: light dark; --ink:#1d2733; --soft:#5b6b7c; --line:#d8dfe6; --card:#fff;
  --ground:#f2f5f7; --accent:#146c5a; --note:#fff6da; --note-line:#e6c65c; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6ebf0; --soft:#9aa9b8; --line:#34414e;
  --card:#1c242d; --ground:#12181e; --accent:#5cc7ad; --note:#2e2a1a; --note-line:#7d6a25; } }
* { box-sizing:border-box } body { margin:0; background:var(--ground); color:var(--ink);
  font:15px/1.5 system-ui,sans-serif } a { color:var(--accent) }
header { background:#10403a; color:#fff; padding:.7rem 1.5rem; display:flex; gap:1rem;
  align-items:baseline } header a { color:#fff; text-decoration:none; font-weight:600 }
header span { opacity:.75; font-size:.85rem } main { max-width:1340px; margin:1.3rem auto;
  padding:0 1.2rem } h1 { font-size:1.35rem; margin:.1rem 0 .4rem } h2 { font-size:.8rem;
  letter-spacing:.06em; text-transform:uppercase; color:var(--soft); margin:0 0 .6rem }
.columns { display:grid; grid-template-columns:minmax(0,1fr) 340px; gap:1.2rem }
@media (max-width:820px) { .columns { grid-template-columns:1fr } }
section { background:var(--card); border:1px solid var(--line); border-radius:8px;
  padding:1rem 1.15rem; margin-bottom:1.2rem } table { border-collapse:collapse; width:100% }
th { text-align:left; font-size:.8rem; color:var(--soft); font-weight:600 } th a { color:inherit }
td,th { padding:.38rem .5rem; border-bottom:1px solid var(--line); vertical-align:top }
tr:last-child td { border-bottom:0 } .chip { display:inline-block; padding:.05rem .55rem;
  border-radius:99px; font-size:.82rem; font-weight:600; border:1px solid currentColor;
  white-space:nowrap } .Breached,.Missed { color:#c02c38 } .At-risk { color:#b26a00 }
.On-track,.Met { color:#1c7d45 } .Paused { color:#5b6b9c } .soft { color:var(--soft) }
dl { display:grid; grid-template-columns:9.5rem 1fr; gap:.3rem .6rem; margin:0 } dt {
  color:var(--soft) } dd { margin:0; overflow-wrap:anywhere } .said { border:1px solid var(--line);
  border-radius:6px; padding:.55rem .8rem; margin:.6rem 0 } .text { white-space:pre-wrap;
  overflow-wrap:anywhere } .line { white-space:nowrap } .said.internal {
  background:var(--note); border-color:var(--note-line) }
.said b + span { margin-left:.5rem } button { font:inherit; padding:.3rem .75rem;
  border-radius:6px; border:1px solid var(--line); background:var(--ground); color:inherit;
  cursor:pointer } button:hover { border-color:var(--accent) } form.row { display:flex; gap:.5rem;
  flex-wrap:wrap; margin:.5rem 0 0 } textarea { width:100%; font:inherit; padding:.5rem;
  border:1px solid var(--line); border-radius:6px; background:var(--ground); color:inherit }
.summary { font-size:1.02rem; margin:.5rem 0 .8rem } nav { margin-top:.8rem }
"""

FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{{ title }}</title>
<style>{{ style|safe }}</style></head><body><header><a href="/">Lumen service desk</a>
<span>ServiceNow sandbox · {{ now }} Berlin · invented, nothing leaves this machine</span></header>
<main>{% block body %}{% endblock %}</main></body></html>"""

CHIP = (
    "{% macro chip(word) %}{% if word %}"
    '<span class="chip {{ word|replace(" ", "-") }}">{{ word }}</span>{% endif %}{% endmacro %}'
)

LIST = (
    CHIP
    + """{% extends frame %}{% block body %}<section><h1>Incidents</h1>
<table><thead><tr>{% for column in columns %}<th class="line">
<a href="?sort={{ column.sort }}">{{ column.label }}{% if column.sort == sort %} ▾{% endif %}</a>
</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr class="line"><td><a href="/now/{{ row.number }}">{{ row.number }}</a></td>
<td style="white-space:normal">{{ row.short_description }}</td><td>{{ row.priority }}</td>
<td>{{ row.state }}</td><td>{{ row.assignment_group }}</td><td>{{ row.assigned_to }}</td>
<td>{{ chip(row.u_sla_status) }}</td><td>{{ row.u_sla_due }}</td>
<td class="soft">{{ row.sys_updated_on }}</td></tr>
{% endfor %}</tbody></table><nav class="soft">{{ first }}–{{ last }} of {{ total }}
{% if first > 1 %}<a href="?sort={{ sort }}&amp;page={{ page - 1 }}">before</a>{% endif %}
{% if last < total %}<a href="?sort={{ sort }}&amp;page={{ page + 1 }}">after</a>{% endif %}</nav>
</section>{% endblock %}"""
)

TICKET = (
    CHIP
    + """{% extends frame %}{% block body %}<p class="soft">{{ number }}</p>
<h1>{{ title_of }}</h1><p><span class="chip">{{ state }}</span> <span class="soft">{{ priority }}
</span></p><div class="columns"><div>
{% if description %}<section><h2>Description</h2><div class="text">{{ description }}</div>
</section>{% endif %}
<section><h2>Move to</h2>{% for move in moves %}<form class="row" style="display:inline-flex"
method="post" action="/now/{{ number }}/state"><input type="hidden" name="state"
value="{{ move.state }}"><input type="hidden" name="hold_reason" value="{{ move.reason }}">
<button>{{ move.label }}</button></form> {% endfor %}</section>
<section><h2>Comments and work notes</h2><form method="post" action="/now/{{ number }}/say">
<textarea name="text" rows="3" required aria-label="Text" placeholder="Say something"></textarea>
<div class="row" style="display:flex;gap:.5rem;flex-wrap:wrap"><button name="as" value="note">Work
note (internal)</button><button name="as" value="agent">Comment as agent</button><button name="as"
value="caller">Reply as {{ caller or "the caller" }}</button></div></form>
{% for said in conversation %}<div class="said{{ " internal" if said.internal }}">
<b>{{ said.who }}</b><span class="soft">{{ said.at }} ·
{{ "Work note, internal" if said.internal else "Comment, the customer sees it" }}</span>
<div class="text">{{ said.text }}</div></div>
{% else %}<p class="soft">Nothing was said yet.</p>{% endfor %}</section>
<section><h2>History</h2><table>{% for step in history %}<tr>
<td class="soft line">{{ step.at }}</td><td class="line">{{ step.who }}</td><td>
{% for label, before, after in step.changes %}<div>{{ label }}:
<span class="soft">{{ before }}</span> → {{ after }}</div>{% endfor %}</td></tr>
{% else %}<tr><td class="soft">No changes since creation.</td></tr>{% endfor %}
</table></section></div>
<div><section><h2>SLA</h2>{% if sla_status %}<p>{{ chip(sla_status) }}</p>{% else %}
<p class="soft">Nothing was written yet.</p>{% endif %}<p class="summary">{{ sla_summary }}</p><dl>
{% if sla_due %}<dt>Due</dt><dd>{{ sla_due }}</dd>{% endif %}{% if sla_missed %}<dt>Missed</dt>
<dd>{{ sla_missed }}</dd>{% endif %}</dl></section><section><h2>Details</h2><dl>
{% for label, value in details %}<dt>{{ label }}</dt><dd>{{ value }}</dd>{% endfor %}</dl></section>
</div></div>{% endblock %}"""
)
