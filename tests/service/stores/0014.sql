-- A store as sla-sync of schema 0014 left it, which took it on from 0013.sql.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0014');
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	connection VARCHAR NOT NULL, 
	ticket VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	deed VARCHAR NOT NULL, 
	change TEXT NOT NULL, 
	why TEXT NOT NULL, 
	policies VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	message TEXT NOT NULL, run VARCHAR DEFAULT '' NOT NULL, remote_id VARCHAR DEFAULT '' NOT NULL, salt BLOB, digest BLOB, seal BLOB, 
	PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,1790000000000,'desk','1','SUP-1','SetFields','fields','{"change":{"type":"SetFields","ref":{"connection":"desk","key":"SUP-1","id":"1"},"fields":[["SLA status","On track"],["SLA due",{"type":"At","at":1790014400000}],["SLA summary","Resolution due Mon 21 Sep 18:13 UTC · target 4 h"]],"why":{"text":"promise: resolution","policy":null,"source_id":"created"}},"before":{"SLA status":null,"SLA due":null,"SLA summary":null}}','promise: resolution','v1','confirmed','','','',NULL,NULL,NULL);
INSERT INTO "audit" VALUES(2,1790000000000,'desk','2','SUP-2','SetFields','fields','{"change":{"type":"SetFields","ref":{"connection":"desk","key":"SUP-2","id":"2"},"fields":[["SLA status","On track"],["SLA due",{"type":"At","at":1790014400000}],["SLA summary","Resolution due Mon 21 Sep 18:13 UTC · target 4 h"]],"why":{"text":"promise: resolution","policy":null,"source_id":"created"}},"before":{"SLA status":null,"SLA due":null,"SLA summary":null}}','promise: resolution','v1','confirmed','','','',NULL,NULL,NULL);
INSERT INTO "audit" VALUES(3,1790000000000,'desk','3','SUP-3','SetFields','fields','{"change":{"type":"SetFields","ref":{"connection":"desk","key":"SUP-3","id":"3"},"fields":[["SLA status","Breached"],["SLA due",{"type":"At","at":1789996400000}],["SLA summary","Resolution breached, was due Mon 21 Sep 13:13 UTC · target 4 h"]],"why":{"text":"promise: resolution","policy":null,"source_id":"created"}},"before":{"SLA status":null,"SLA due":null,"SLA summary":null}}','promise: resolution','v1','confirmed','','','',NULL,NULL,NULL);
INSERT INTO "audit" VALUES(4,1790007260000,'desk','1','SUP-1','SetFields','fields','{"change":{"type":"SetFields","ref":{"connection":"desk","key":"SUP-1","id":"1"},"fields":[["SLA status","Met"],["SLA due",null],["SLA summary","Resolution met in 2 h"]],"why":{"text":"promise: resolution","policy":null,"source_id":"created"}},"before":{"SLA status":"On track","SLA due":{"type":"At","at":1790014400000},"SLA summary":"Resolution due Mon 21 Sep 18:13 UTC · target 4 h"}}','promise: resolution','v1','confirmed','','','',NULL,NULL,NULL);
INSERT INTO "audit" VALUES(5,1790012600000,'desk','2','SUP-2','SetFields','fields','{"change":{"type":"SetFields","ref":{"connection":"desk","key":"SUP-2","id":"2"},"fields":[["SLA status","At risk"]],"why":{"text":"promise: resolution","policy":null,"source_id":"created"}},"before":{"SLA status":"On track"}}','promise: resolution','v1','confirmed','','','',NULL,NULL,NULL);
INSERT INTO "audit" VALUES(6,1790012600000,'desk','2','SUP-2','AddComment','promise.resolution#1:75%','{"change":{"type":"AddComment","ref":{"connection":"desk","key":"SUP-2","id":"2"},"key":"promise.resolution#1:75%","lines":["[At risk] Resolution: 30 min left, due Mon 21 Sep 18:13 UTC (87 % of 4 h used).","Next: resolve it, or set a waiting status if it waits for the customer."],"why":{"text":"75% of resolution reached","policy":null,"source_id":"created"},"detail":["Mon 21 Sep 14:13 UTC → Mon 21 Sep 17:43 UTC · running · 3 h 30 min · total 3 h 30 min · created"],"internal":true}}','75% of resolution reached','v1','confirmed','','','',NULL,NULL,NULL);
CREATE TABLE bases (
	number INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	inputs TEXT NOT NULL, 
	files BLOB NOT NULL, 
	since BIGINT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (hash)
);
CREATE TABLE connections (
	name VARCHAR NOT NULL, 
	system VARCHAR NOT NULL, 
	mode VARCHAR NOT NULL, 
	policies VARCHAR NOT NULL, 
	armed_at BIGINT, 
	tried_at BIGINT, 
	pulled_at BIGINT, 
	error_code VARCHAR DEFAULT '' NOT NULL, 
	error TEXT DEFAULT '' NOT NULL, ahead BIGINT DEFAULT '0' NOT NULL, restored_at BIGINT, resumed_at BIGINT, withheld TEXT DEFAULT '' NOT NULL, counted_at BIGINT, counted INTEGER DEFAULT '0' NOT NULL, tidied_at BIGINT, tzdata VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "connections" VALUES('desk','memory','write','v1',1790000000000,1790012600000,1790012600000,'','',0,NULL,NULL,'',NULL,0,NULL,'');
CREATE TABLE cursors (
	connection VARCHAR NOT NULL, 
	cursor TEXT NOT NULL, 
	scope VARCHAR NOT NULL, 
	PRIMARY KEY (connection)
);
INSERT INTO "cursors" VALUES('desk','9','all');
CREATE TABLE deeds (
	connection VARCHAR NOT NULL, 
	ticket VARCHAR NOT NULL, 
	deed VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	attempt INTEGER NOT NULL, 
	sent_at BIGINT NOT NULL, 
	change BLOB NOT NULL, 
	remote_id VARCHAR DEFAULT '' NOT NULL, 
	message TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (connection, ticket, deed)
);
INSERT INTO "deeds" VALUES('desk','2','promise.resolution#1:75%','SUP-2','done',1,1790012600000,X'87A474797065AA416464436F6D6D656E74A372656683AA636F6E6E656374696F6EA46465736BA36B6579A55355502D32A26964A132A36B6579B870726F6D6973652E7265736F6C7574696F6E23313A373525A56C696E657392D94F5B4174207269736B5D205265736F6C7574696F6E3A203330206D696E206C6566742C20647565204D6F6E203231205365702031383A313320555443202838372025206F66203420682075736564292ED9474E6578743A207265736F6C76652069742C206F722073657420612077616974696E672073746174757320696620697420776169747320666F722074686520637573746F6D65722EA377687983A474657874B9373525206F66207265736F6C7574696F6E2072656163686564A6706F6C696379C0A9736F757263655F6964A763726561746564A664657461696C91D9654D6F6E203231205365702031343A31332055544320E28692204D6F6E203231205365702031373A34332055544320C2B72072756E6E696E6720C2B720332068203330206D696E20C2B720746F74616C20332068203330206D696E20C2B72063726561746564A8696E7465726E616CC3','11','');
CREATE TABLE holds (
	connection VARCHAR NOT NULL, 
	policies VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	since BIGINT NOT NULL, 
	id VARCHAR NOT NULL, 
	"of" INTEGER NOT NULL, 
	tickets INTEGER NOT NULL, 
	fields INTEGER NOT NULL, 
	comments INTEGER NOT NULL, 
	escalations INTEGER NOT NULL, 
	approved_at BIGINT, 
	PRIMARY KEY (connection)
);
CREATE TABLE kin (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	link VARCHAR NOT NULL, 
	words VARCHAR NOT NULL, 
	PRIMARY KEY (connection, id, role, link, words)
);
CREATE TABLE quarantine (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	stage VARCHAR NOT NULL, 
	what TEXT NOT NULL, 
	code VARCHAR NOT NULL, 
	fields TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	failures INTEGER NOT NULL, 
	next_at BIGINT NOT NULL, 
	PRIMARY KEY (connection, id)
);
CREATE TABLE restatements (
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	connection VARCHAR NOT NULL, 
	ticket VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	policy VARCHAR NOT NULL, 
	clock VARCHAR NOT NULL, 
	"of" VARCHAR NOT NULL, 
	cycle INTEGER NOT NULL, 
	said TEXT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE runs (
	id VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	began_at BIGINT NOT NULL, 
	policies VARCHAR NOT NULL, 
	cause VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE superseded (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	until BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	journal BLOB NOT NULL, 
	known_at BIGINT NOT NULL, 
	learnt BLOB, rewritten BOOLEAN DEFAULT 1 NOT NULL, 
	PRIMARY KEY (connection, id, until)
);
CREATE TABLE tickets (
	connection VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	updated_at BIGINT NOT NULL, 
	open BOOLEAN NOT NULL, 
	journal BLOB NOT NULL, 
	next_at BIGINT, 
	known_at BIGINT DEFAULT '0' NOT NULL, learnt BLOB, reread_at BIGINT, absent_at BIGINT, 
	PRIMARY KEY (connection, id)
);
INSERT INTO "tickets" VALUES('desk','1','SUP-1',1790007260000,0,X'78015D8F3F4EC33018C5DD43B0FB0250A56C6C85B588888A19ACF84B6225B623FF01329703349CA0346E880A120B2C2C3030C305E02E388958D8DEA7F7FBF4DEFB463B8E82CE36F3B37037B80B1A0E5CAAF23535A6D007E371E7EDC135E1450EE39E790E151306140E30D3580A1C33055F088D561F618ED0A22D14938A99721D4E1A6D88B1DA9D14209E067D1E1103898FA8055C0D6F6FFB178BFBF96C8AA985F76D2706B43E06F3D09F9673A2CA9753D032B786F9500E06338127385DAE6E6FD68CBA2807E904E1B03DF20A1FFA96E03226681B596D2407D5244ADA422F3BBC2694F4F4E394123C939790936CE0373E3D8EFFE0EA13F11F548DAAFFFDAB6E40E5A814E0DD364A89480007BFF00F8BE6',NULL,1790012600000,NULL,NULL,NULL);
INSERT INTO "tickets" VALUES('desk','2','SUP-2',1790012600000,1,X'78013D8FCF4AC34010C6B76FE0C5FB80E8495B1215A5B7DAAB62B07A963519D3A5D93FEC6ED0DCC4FA00EE1BD418D352412F82E2A9889E043D0B3E8C690B9EE6637EF3CD37F34B168B084DEFAE7314ACF9377EC9914B9DBD76AD55A6D9684C591DCF2957093666334F8166C2A2061F980129E09469FC26A436780F1242FA23A599D4CC6679E097C6529B9A625FA1789CEBE3905A8CAB885B816733DBC7C2C3A43FECECB6204AF1B2B099C2BC65736AE77475858CA7706E1FB62C68667AF7B356CA39D5D98F77804626A965D535D50ED8ABAAEF41071578DB4D6F1D8E0EDBF0F60C96EA182D6C40D7BD282D393358D7FFD625AFB9B5B93C7057398B8A30415908CA71DCAE14EC543F63D163221A85A9B192A32E632D5365AEDD17293E2F5CCD0D43C9390AEB26AE54E949C24247DC28EC521123787F0F5B9035',1790014400001,1790012600000,NULL,0,NULL);
INSERT INTO "tickets" VALUES('desk','3','SUP-3',1790000000000,1,X'78012D4F3B4EC340103587A0A09B03005162AA48082569415898D468B1077B15EF47BB6305174811E100E106C118270A050D121225A1A746E230D871A67A7A9F79337FCE6E11A21DBDF843EFC07D724B814299EC3326D2B6DB6AD5DA21DE32A1136C6D3CEF9EE192D0800BDC829270C30DFE38CECE7C7DBC9E38D3A5365C194E59EE754A4B8C525B9C6B946F0DBE0A186154553C4B1C6F62DF5EE24C17FE690FC214EF0BCA34E63DCA1935EADEDD64558B4D7CD937C88218C3D70D970AC14CF67B7281562529F1EA9CEBAD611FC6CCD62BE1AC623B6DF05143DBEDB65D185E0EE0EB03889908098E209ECD1F1F721E164182AA904CE06A5021E8579F6231E2325C06A92525D0949151A9B6B3EDFC03AB6C7F6F',NULL,1790012600000,NULL,0,NULL);
CREATE TABLE veils (
	word BLOB NOT NULL, 
	pseudonym VARCHAR NOT NULL, 
	"key" BLOB NOT NULL, 
	PRIMARY KEY (word)
);
CREATE TABLE verdicts (
	connection VARCHAR NOT NULL, 
	ticket VARCHAR NOT NULL, 
	policy VARCHAR NOT NULL, 
	clock VARCHAR NOT NULL, 
	"of" VARCHAR DEFAULT '' NOT NULL, 
	cycle INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	phase VARCHAR NOT NULL, 
	warned BOOLEAN NOT NULL, 
	started_at BIGINT, 
	stopped_at BIGINT, 
	due_at BIGINT, 
	breached_at BIGINT, 
	type VARCHAR, 
	judged_at BIGINT, 
	elapsed BIGINT, 
	aim BIGINT, 
	"limit" BIGINT, 
	rules INTEGER, 
	basis INTEGER, 
	inputs BLOB, 
	PRIMARY KEY (connection, ticket, policy, clock, "of", cycle)
)
 WITHOUT ROWID

;
INSERT INTO "verdicts" VALUES('desk','1','promise','resolution','',1,'SUP-1','met','stopped',0,1790000000000,1790007200000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "verdicts" VALUES('desk','2','promise','resolution','',1,'SUP-2','running','running',1,1790000000000,NULL,1790014400000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "verdicts" VALUES('desk','3','promise','resolution','',1,'SUP-3','breached','running',1,1789982000000,NULL,1789996400000,1789996400000,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE vocabularies (
	connection VARCHAR NOT NULL, 
	known BLOB NOT NULL, 
	PRIMARY KEY (connection)
);
CREATE INDEX audit_at ON audit (connection, at);
CREATE INDEX audit_ticket ON audit (connection, ticket);
CREATE INDEX deeds_sending ON deeds (connection) WHERE state = 'sending';
CREATE INDEX tickets_due ON tickets (connection, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX tickets_key ON tickets ("key");
CREATE INDEX tickets_open ON tickets (connection, open);
CREATE INDEX runs_began ON runs (began_at);
CREATE INDEX audit_run ON audit (run);
CREATE INDEX verdicts_due ON verdicts (due_at) WHERE phase != 'stopped';
CREATE INDEX verdicts_open ON verdicts (connection, state, warned) WHERE phase != 'stopped';
CREATE INDEX restatements_at ON restatements (at);
CREATE INDEX restatements_ticket ON restatements (connection, ticket);
CREATE INDEX kin_words ON kin (link, words, role);
CREATE INDEX tickets_reread ON tickets (connection, reread_at) WHERE reread_at IS NOT NULL;
CREATE INDEX tickets_absent ON tickets (connection) WHERE absent_at IS NOT NULL;
COMMIT;
