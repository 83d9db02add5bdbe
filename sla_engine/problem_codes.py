"""What each code means, of policies, their tests, settings and ticket systems alike.

A code is never used for another thing. 0xx: a file cannot be read; 1xx: it says something that
cannot be; 2xx: it may not say what is meant; 3xx: settings and passes; 4xx and 5xx: ticket systems.
"""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "SLA001": (
        "The file cannot be read as YAML: a tab indents a line, a bracket or quote is not closed, "
        "a text begins with a character that YAML keeps for itself, or the file is not UTF-8. "
        "What comes after that place was not looked at."
    ),
    "SLA002": (
        "The file is larger (1 MB), has more values (50,000) or is nested deeper (40) than any "
        "policy needs. Split it: all files of a folder are read as one."
    ),
    "SLA003": (
        "A map has the same key twice. YAML readers silently keep the second, so one of your two "
        "values would never have had any effect. Keep the one that is meant."
    ),
    "SLA004": (
        "YAML anchors (&name), references (*name) and tags (!!int) are not used in policies: a "
        "value should be seen where it holds. A text that begins with & * or ! is written in "
        "quotes; what policies share is written under defaults."
    ),
    "SLA005": "The key of a map must be a text; a list, a map or nothing stands there.",
    "SLA100": "The value does not fit here, in a way that no other code tells.",
    "SLA101": (
        "The key is not known at this place, perhaps for a misspelling. Keys are never ignored, "
        "because a misspelt one would silently change what is promised."
    ),
    "SLA102": (
        "Something that is needed is missing, or a key has nothing after it. To state nothing, "
        "leave the key out."
    ),
    "SLA103": "A value of another kind belongs here: a text, a list, a map, a number or a switch.",
    "SLA104": (
        "A duration is a number and a unit without blanks, several if need be: 90s, 15m, 4h, "
        "1h30m, 2bd. A bd is a business day: as much working time as the calendar's `day` says. "
        "d, w and mo are for windows, reviews and the calendar 24x7. A century is the most."
    ),
    "SLA105": "Only certain words can stand here; the message lists them.",
    "SLA106": "A percentage is a number from 0 to 100 with a % sign: 99.9%.",
    "SLA107": (
        "There is no field of this name, but one almost alike. A condition on a field that no "
        "ticket has would never be true. If it is meant, declare it under fields."
    ),
    "SLA108": (
        "A step is reached at a share of the limit (75%), at the limit (breach), some time after "
        "it (breach + 2h), some time before it (30m left), or at the aim (aim)."
    ),
    "SLA109": "A date is written 2026-10-01, and must be a day that exists.",
    "SLA110": (
        "The field cannot have this value. Policies use canonical values (P1); what the systems "
        'call them (Highest, "1 - Critical") is said once, under fields: values. A value that no '
        "system has, by what was read of it last, is one too."
    ),
    "SLA111": "Time zones are IANA names such as Europe/Berlin; abbreviations are ambiguous.",
    "SLA112": "An empty condition would be true of everything or nothing; say what is asked.",
    "SLA113": (
        "A target is one duration, `none`, {aim, limit}, or a map by the values of fields: by "
        "priority if nothing else is said, else by the fields in `by`, outermost first, with as "
        "many levels of rows as `by` has fields."
    ),
    "SLA114": "Each entry of `do` is one action with one key; several actions are several entries.",
    "SLA115": "All files of a folder are one. A name that is given twice would have two meanings.",
    "SLA116": "No calendar has this name, in any file of the folder.",
    "SLA117": "The calendar cannot be built; the message says what of it is wrong.",
    "SLA118": (
        "There is no such clock. Presets are acknowledge, first_response, next_response, update, "
        "resolution, requester_wait, agent_work, handoff and ownership; others are described under "
        "the policy's clocks, and measured only if they have a target too."
    ),
    "SLA119": "No ladder has this name under escalations, in any file of the folder.",
    "SLA120": "A length of zero is over at once. `none` measures without promising anything.",
    "SLA121": "The aim is what you want to keep, the limit what must be kept: aim <= limit.",
    "SLA122": (
        "For some tickets the first response may take longer than the resolution, so that it "
        "could never be missed alone. Usually one of the two tables lacks a row."
    ),
    "SLA123": (
        "d and w are days of 24 hours. On a business calendar 1d would be three working days, "
        "which nobody expects: write 24h of working time, or 1bd for a business day. Months have "
        "no fixed length at all."
    ),
    "SLA124": (
        "Events (a comment, an assignment, a change) are true for one moment. match, pause, if "
        "and unless ask how a ticket is, so an event could never hold there. And `by` goes with "
        "`comment`."
    ),
    "SLA125": "The keys contradict each other, or one says nothing without another.",
    "SLA126": (
        "Two policies of the same rank promise the same clock to the same tickets; the message "
        "shows one. The lowest rank wins, so give them different ranks or make them match apart. "
        "Until then the stricter promise holds."
    ),
    "SLA127": (
        "`supports` names the promise that this one must fit inside, as policy.clock; no other "
        "policy of these files promises it."
    ),
    "SLA128": (
        "`extends` names another policy of these files, or the policy itself for its version "
        "before; and what extends each other must come to an end."
    ),
    "SLA129": "The policy uses calendars whose business days differ in length; write hours here.",
    "SLA130": "The systems are jira, servicenow, event_log and memory.",
    "SLA131": "The first key of a policy file is `schema: sla/v1`.",
    "SLA132": "The folder has no policy file, or a file cannot be opened.",
    "SLA133": "A value of a source stands under two canonical values; it can mean only one.",
    "SLA134": (
        "parties say who has the ball: the first whose condition holds, and us where none does. "
        "Conditions ask for them by name: {party: customer}, {party: [customer, vendor]} or "
        "{party: {not: us}}."
    ),
    "SLA135": (
        "links say which tickets are one case: parent and child are conditions, and `where` of the "
        "child says which of its fields hold what of the parent: {parent_number: "
        '"{parent.number}"}. A policy with case: true in its match is about whole cases.'
    ),
    "SLA139": (
        "The ticket system has no such field, or our account may not see it; what `sla check "
        "--online` read last is looked at. Every ticket would be without a value there."
    ),
    "SLA140": (
        "The time of an exclusion is {from, to}, two instants with a time zone, or {rrule, at, "
        "tz}: a recurrence rule of days (RFC 5545), hours, and the zone of the wall clock."
    ),
    "SLA141": "No exclusion has this name, in any file of the folder.",
    "SLA142": "Force majeure excuses everything, so somebody must stand for it: approved_by.",
    "SLA143": (
        "An exception grants one ticket one thing: extend (limit and aim grow), waive (a breach is "
        "excused) or due (another deadline)."
    ),
    "SLA144": (
        "A deadline is a field with a date, or a time of day on the calendar's wall clock and the "
        "day that is meant: 17:00 today, next business day, in 3 business days, friday."
    ),
    "SLA145": "A feed (.ics) has an event that is no whole day, or is no iCalendar file at all.",
    "SLA170": "The test file says something that has no meaning; the message tells what belongs.",
    "SLA171": "A file that is to be tested, or a test file itself, cannot be read.",
    "SLA172": (
        "A time is not a time, or not one instant: clocks that are put forward skip an hour, and "
        "clocks that are put back have one twice."
    ),
    "SLA190": (
        "The language has this, but this version of the program does not act on it. It is refused "
        "rather than ignored, because a policy that silently does less than it says is worse than "
        "one that does not load."
    ),
    "SLA201": (
        "The field is used, but nothing says where Jira or ServiceNow keep it. Its value is then "
        "unknown for every ticket, unless the system itself calls it so. Declare it under fields."
    ),
    "SLA202": "No source value is mapped to this one, so the row or condition may never apply.",
    "SLA203": (
        "For every ticket that this policy matches, a policy of a lower rank promises the same "
        "clock, and the lowest rank wins. The message shows such a ticket."
    ),
    "SLA204": (
        "Without a calendar, time counts day and night. If that is meant, say so: calendar: 24x7."
    ),
    "SLA205": "A step that repeats without `max` would go on for as long as the ticket is open.",
    "SLA206": (
        "Response clocks do not stand still by default: else “waiting for customer” before any "
        "answer would be a free pass. `pausable: true` allows it."
    ),
    "SLA207": (
        "On a calendar that does not open, every clock stands still and nothing is ever late. "
        "Perhaps holidays, special hours or an effective date close more than is meant."
    ),
    "SLA208": (
        "Desks around the world seldom cover all hours, and the zones put their clocks forward on "
        "different days. The note tells the hours at which nobody works, holidays aside."
    ),
    "SLA209": (
        "A ladder tells somebody for whom service.yaml has no channel. Until there is one, nobody "
        "gets that message."
    ),
    "SLA210": (
        "The calendar has holidays this year and none in the next, so that clocks would run on New "
        "Year's Day. Told from October on."
    ),
    "SLA211": "Somebody wanted to look at this promise again before today; see review: next.",
    "SLA212": (
        "No ticket of the policy can ever pass the clock's stop condition, so the clock is never "
        "met. Often match excludes the very tickets that are done: leaving a policy cancels its "
        "clocks before anything can stop them."
    ),
    "SLA213": (
        "Whatever starts the clock pauses it too, so it never counts a minute. The message shows "
        "such a ticket."
    ),
    "SLA214": (
        "A pause without max lets a forgotten ticket wait for ever without being late. With max: "
        "10bd the clock runs on after ten business days of waiting in all."
    ),
    "SLA215": (
        "Even if nobody ever touched a ticket, this target could not be missed for 90 days. "
        "Perhaps the unit is wrong, or the calendar opens for few hours only."
    ),
    "SLA216": (
        "An internal promise (supports) may be kept while the one that it supports is missed: it "
        "is due later for the ticket and the start that the message shows."
    ),
    "SLA217": (
        "By the history of its file in git, planned work was declared after it began, or later "
        "than `announced` asks. Time that is taken out of a promise afterwards is worth a second "
        "look."
    ),
    "SLA218": (
        "The exception grants something to a ticket that is not there, or is promised nothing. "
        "Perhaps its key is misspelt, or it moved to another project."
    ),
    "SLA219": "No single credit can be paid in full that is larger than the cap of its contract.",
    "SLA220": (
        "Nothing is promised to these tickets and no screen would show them. Write a policy for "
        "them; one with targets of `none` says that nothing is promised on purpose."
    ),
    "SLA221": (
        "No kept ticket ever had this value, or any value in this field, so the condition was "
        "never true. Perhaps it is misspelt, or was renamed in the source."
    ),
    "SLA222": (
        "The source tells only how this field is now. A policy that asks for it judges the past by "
        "today's value; a change of it changes verdicts from the beginning."
    ),
    "SLA223": (
        "An account comments faster than people can. Unless actors: bots (or ai) names it, its "
        "comments count as answers and stop response clocks."
    ),
    "SLA224": (
        "Tickets had a value that no row of the table and no name under fields stands for. They "
        "got the default row, or no promise where there is none."
    ),
    "SLA225": (
        "Tickets had this value once, and the system has it no more: deleted, or taken out of the "
        "workflow. Old tickets keep it; the condition cannot become true any more."
    ),
    "SLA226": (
        "The value was renamed in the system. Tickets read from now on bear the new name, so write "
        "that, or name it under fields as what your word stands for."
    ),
    "SLA290": "This is read and checked, but has no effect in this version of the program.",
    "SLA301": (
        "A password or token stands in a file. Take it out, make a new one, and give it in the "
        "environment: whoever reads the file has it."
    ),
    "SLA302": (
        "Two connections would read their secrets from the same variables of the environment; "
        "rename one of them."
    ),
    "SLA303": "Others may read a file with secrets (.env, or what SLA_…_FILE names); chmod 600 it.",
    "SLA304": (
        "A secret of service.yaml that `sla run --http` needs is not set in the environment, or "
        "could be guessed. Make one with `openssl rand -hex 32`."
    ),
    "SLA305": (
        "Single tickets failed and all others went on. Each is tried again, later and later, in "
        "the end once a day. `sla status` lists them, `sla retry` tries them at once."
    ),
    "SLA306": (
        "A pass wanted to do more at once than the limits of service.yaml allow, so it wrote "
        "nothing. Look at it with `sla plan`; if it is meant, raise the limit or use --force."
    ),
    "SLA307": "A policy test does not hold; `sla test` shows what was expected and what came.",
    "SLA308": (
        "The policies or the time zone data changed, and what is wanted now would write to many "
        "tickets at once, so nothing is written before a person approves it. Look at it with "
        "`sla plan`, then `sla approve`."
    ),
    "SLA309": "No plan of this name waits for approval; `sla approve` lists those that do.",
    "SLA310": (
        "The store cannot be used: another process holds it, the disk is full, the file is damaged "
        "or of another version. The message says which, and what to do."
    ),
    "SLA311": (
        "The file is no plan that may be applied: something else, of another version, or changed "
        "by hand after `sla plan --out` wrote it."
    ),
    "SLA312": (
        "The plan was made under other policies, or for a connection that is not there any more. "
        "Make it anew with `sla plan --out`."
    ),
    "SLA313": "The connection is in mode observe, so nothing is written to it; say mode: write.",
    "SLA314": "There is no run of this name; `sla status --runs` lists those that wrote something.",
    "SLA315": (
        "The state was brought back from a backup, or made anew, and is behind the tickets until "
        "the next pass has read them: `sla run --once`. Nothing is written to them before."
    ),
    "SLA316": (
        "A clock cannot be trusted: ours jumped since the last pass, stands still, or is more than "
        "five minutes from a system's. Everything is computed and nothing is written; it goes on "
        "by itself once the clocks agree."
    ),
    "SLA317": (
        "The file is no export of an audit: something else, of another version, or cut. Make one "
        "with `sla audit export FILE`."
    ),
    "SLA318": (
        "Somebody halted all writing with `sla halt`, or put the file sla.halt beside "
        "service.yaml. Tickets are still read; `sla resume` ends it."
    ),
    "SLA319": (
        "More was to be written within an hour or a day than a connection, a ticket or a field "
        "gets. The rest waits and is done later. Somebody may be undoing what we write: look at "
        "`sla plan`."
    ),
    "SLA321": (
        "A system shows no ticket at all where there were some: our account may not see them any "
        "more, or the connection is about others now. Nothing is judged on that; `sla doctor` "
        "tells what the account sees."
    ),
    "SLA322": (
        "A system was brought back from a backup: its tickets are of an earlier time than what we "
        "know of them. All are read anew in the next pass, and written from the one after it."
    ),
    "SLA324": "No ticket of this key or id fails; `sla status` lists those that do.",
    "SLA325": (
        "Deeds of one policy were refused again and again, people undid them at once, or tickets "
        "of one project refuse a field: so that is not tried any more, while all else goes on. "
        "`sla status` says what ends it: `sla resume`, or for fields `sla retry`."
    ),
    "SLA326": (
        "Tickets bear comments of our account that this state knows nothing of. An older copy of "
        "it was put in its place without `sla restore`, or another sla-sync writes to the same "
        "tickets. Nothing is written before all is read anew; see to it that one state is in use."
    ),
    "SLA327": (
        "A file that we were to write cannot be: no room, no right, no such folder. What was there "
        "before is still there whole, and nothing half-written was left in its place."
    ),
    "SLA400": "The ticket system, or the connector, refuses this change; it will not be repeated.",
    "SLA401": (
        "The ticket system refused the credentials, or answered with a login page. The message "
        "tells from which variable they came."
    ),
    "SLA403": "One ticket, project or table is closed to our account; the others went on.",
    "SLA404": "The ticket is gone: deleted, or moved to where our account sees nothing.",
    "SLA429": (
        "The ticket system asked us to slow down. We wait as long as it says; if it comes often, "
        "lower `rate` of the connection or pull less often."
    ),
    "SLA500": "The ticket system answered in a way that no other code tells.",
    "SLA502": "The ticket system failed for a while; what was asked is asked again.",
    "SLA503": "The ticket system cannot be reached: its name, the network, a proxy or TLS.",
    "SLA504": "A channel did not take a message; it is tried again.",
    "SLA900": "A bug of sla-sync: please report it with the file that the message names.",
}
"""Every code there is, with what it means."""
