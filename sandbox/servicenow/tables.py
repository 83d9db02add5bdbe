"""The columns of the tables we pretend to have: `name type:length>reference=default [flags] Label`.

Names, types and defaults are those of the vendor's own table definitions (@servicenow/sdk-core
4.9.0, MIT), cut to what a ticket desk needs; the `u_` columns are the product's own.
"""

TABLES = """
task Task
  number string:40 Number
  sys_class_name sys_class_name:80 [read_only] Task type
  short_description string:160 Short description
  description string:4000 Description
  state integer=1 State
  priority integer=4 Priority
  impact integer=3 Impact
  urgency integer=3 Urgency
  active boolean=true Active
  assignment_group reference>sys_user_group Assignment group
  assigned_to reference>sys_user Assigned to
  company reference>core_company Company
  location reference>cmn_location Location
  cmdb_ci reference>cmdb_ci Configuration item
  business_service reference>cmdb_ci Service
  opened_at glide_date_time Opened
  opened_by reference>sys_user Opened by
  closed_at glide_date_time Closed
  closed_by reference>sys_user Closed by
  due_date glide_date_time Due date
  sla_due due_date SLA due
  made_sla boolean=true Made SLA
  escalation integer=0 [read_only] Escalation
  reassignment_count integer=0 [read_only] Reassignment count
  correlation_id string:100 Correlation ID
  correlation_display string:100 Correlation display
  contact_type string:40 Contact type
  close_notes string:4000 Close notes
  comments journal_input:4000 [no_audit] Additional comments
  work_notes journal_input:4000 [no_audit] Work notes
  knowledge boolean=false Knowledge
  parent reference>task Parent
  follow_up glide_date_time Follow up
  watch_list glide_list:4000>sys_user Watch list
  sys_domain domain_id=global [read_only] [no_audit] Domain

incident(task) Incident [audited]
  caller_id reference>sys_user Caller
  incident_state integer=1 Incident state
  hold_reason integer On hold reason
  category string:40=inquiry Category
  subcategory string:40 Subcategory
  severity integer=3 Severity
  resolved_at glide_date_time Resolved
  resolved_by reference>sys_user Resolved by
  reopen_count integer=0 [read_only] Reopen count
  reopened_time glide_date_time [read_only] Last reopened at
  reopened_by reference>sys_user [read_only] Last reopened by
  close_code string:40 Resolution code
  problem_id reference>problem Problem
  rfc reference>change_request Change request
  caused_by reference>change_request Caused by change
  parent_incident reference>incident Parent incident
  notify integer=1 Notify
  vendor reference>core_company Vendor
  u_symptom string:100 Symptom
  u_tier string:40 Tier
  u_sla_status choice:40 SLA status
  u_sla_state string:40 SLA state
  u_sla_due glide_date_time SLA due
  u_sla_summary string:160 SLA summary
  u_sla_missed string:255 SLA missed
  u_sla_control choice:40 SLA control

problem(task) Problem [audited]
  problem_state integer=1 Problem state

change_request(task) Change Request [audited]
  on_hold boolean=false On hold
  on_hold_reason string:4000 On hold reason

sc_req_item(task) Requested Item
  stage string:80=waiting_for_approval Stage

task_sla Task SLA
  task reference>task Task
  sla reference>contract_sla SLA definition
  stage string:40 Stage
  active boolean=true Active
  start_time glide_date_time Start time
  end_time glide_date_time Stop time
  planned_end_time glide_date_time Breach time
  original_breach_time glide_date_time Original breach time
  pause_time glide_date_time Pause time
  pause_duration glide_duration Pause duration
  business_pause_duration glide_duration Business pause duration
  duration glide_duration Actual elapsed time
  time_left glide_duration Actual time left
  percentage decimal Actual elapsed percentage
  business_duration glide_duration Business elapsed time
  business_time_left glide_duration Business time left
  business_percentage decimal Business elapsed percentage
  has_breached boolean=false Has breached
  schedule reference>cmn_schedule Schedule
  timezone string:40 Time zone

contract_sla SLA Definition
  name string:100 Name
  collection string:80 Table
  target string:40 Target
  type string:40 Type
  duration glide_duration Duration
  schedule reference>cmn_schedule Schedule
  active boolean=true Active
  start_condition string:4000 Start condition
  stop_condition string:4000 Stop condition
  pause_condition string:4000 Pause condition

cmn_schedule Schedule
  name string:80 Name
  time_zone string:40 Time zone
  parent reference>cmn_schedule Parent
  type string:40 Type

cmn_schedule_span Schedule Entry
  name string:80 Name
  schedule reference>cmn_schedule Schedule
  start_date_time schedule_date_time When
  end_date_time schedule_date_time To
  all_day boolean=false All day
  repeat_type string:40 Repeats
  show_as string:40=busy Show as
  type string:40 Type

sys_audit Audit
  tablename string:80 Table name
  documentkey GUID Document key
  fieldname string:80 Field name
  oldvalue string:4000 Old value
  newvalue string:4000 New value
  user string:40 User
  reason string:255 Reason
  record_checkpoint integer Update count
  internal_checkpoint string:40 Internal checkpoint

sys_audit_delete Audit Deleted Record
  tablename string:80 Table name
  documentkey GUID Document key
  display_value string:255 Display value
  user string:40 User

sys_journal_field Journal Entry
  element string:80 Element
  element_id string:32 Element ID
  name string:80 Name
  value string:4000 Value

sys_user User
  user_name string:40 User ID
  name string:100 Name
  first_name string:50 First name
  last_name string:50 Last name
  email string:100 Email
  active boolean=true Active
  company reference>core_company Company
  time_zone string:40 Time zone
  vip boolean=false VIP
  web_service_access_only boolean=false Web service access only

sys_user_group Group
  name string:80 Name
  description string:1000 Description
  email string:100 Group email
  manager reference>sys_user Manager
  active boolean=true Active

sys_user_grmember Group Member
  user reference>sys_user User
  group reference>sys_user_group Group

sys_user_role Role
  name string:100 Name
  description string:1000 Description

sys_user_has_role User Role
  user reference>sys_user User
  role reference>sys_user_role Role
  inherited boolean=false Inherited

core_company Company
  name string:80 Name
  customer boolean=false Customer
  vendor boolean=false Vendor
  u_tier string:40 Tier

cmn_location Location
  name string:100 Name
  time_zone string:40 Time zone

cmdb_ci Configuration Item
  name string:255 Name
  category string:40 Category

sys_choice Choice
  name string:80 Table
  element string:80 Element
  value string:40 Value
  label string:100 Label
  sequence integer Sequence
  language string:3=en Language
  inactive boolean=false Inactive

sys_dictionary Dictionary Entry
  name string:80 Table
  element string:80 Column name
  internal_type string:40 Type
  column_label string:80 Column label
  max_length integer Max length
  reference string:80 Reference
  read_only boolean=false Read only
  active boolean=true Active
  audit boolean=false Audit
  choice integer=0 Choice
  default_value string:255 Default value
  attributes string:1000 Attributes

sys_properties System Property
  name string:100 Name
  value string:4000 Value
"""
