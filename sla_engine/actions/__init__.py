"""What a ladder can do: one file an action; `comment` and `notify` share the step's one comment."""

from sla_engine.actions import assign, set_fields, transition

ACTIONS = {
    "assign": assign.deeds,
    "set": set_fields.deeds,
    "transition": transition.deeds,
}
