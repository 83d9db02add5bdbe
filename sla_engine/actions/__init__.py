"""What a ladder can do: one file an action; `comment` and `notify` share the step's one comment."""

from sla_engine.actions import assign, calls, reply, set_fields, transition

ACTIONS = {
    "assign": assign.deeds,
    "page": calls.page,
    "reply": reply.deeds,
    "run": calls.run,
    "set": set_fields.deeds,
    "transition": transition.deeds,
    "webhook": calls.webhook,
}
