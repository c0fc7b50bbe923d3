CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE account (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	password_hash VARCHAR, 
	is_admin BOOLEAN NOT NULL, 
	may_create_projects BOOLEAN NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	language VARCHAR, 
	created_at DATETIME NOT NULL, browser_secret BLOB, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT uq_account_name UNIQUE (name)
);

CREATE TABLE history_head (
	chain INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	CONSTRAINT pk_history_head PRIMARY KEY (chain)
);

CREATE TABLE sign_in_failure (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_sign_in_failure PRIMARY KEY (id)
);

CREATE INDEX ix_sign_in_failure_address ON sign_in_failure (address);

CREATE INDEX ix_sign_in_failure_name ON sign_in_failure (name);

CREATE TABLE history_event (
	id INTEGER NOT NULL, 
	chain INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor_id INTEGER, 
	action VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	details VARCHAR NOT NULL, 
	previous_hash VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, contents VARCHAR, 
	CONSTRAINT pk_history_event PRIMARY KEY (id), 
	CONSTRAINT fk_history_event_actor_id_account FOREIGN KEY(actor_id) REFERENCES account (id), 
	CONSTRAINT uq_history_event_chain_sequence UNIQUE (chain, sequence)
);

CREATE TABLE one_time_link (
	id INTEGER NOT NULL, 
	token_hash VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	account_id INTEGER, 
	created_by INTEGER, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_one_time_link PRIMARY KEY (id), 
	CONSTRAINT fk_one_time_link_account_id_account FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_one_time_link_created_by_account FOREIGN KEY(created_by) REFERENCES account (id), 
	CONSTRAINT uq_one_time_link_token_hash UNIQUE (token_hash)
);

CREATE TABLE project (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	description VARCHAR NOT NULL, 
	is_synthetic BOOLEAN NOT NULL, 
	created_by INTEGER, 
	created_at DATETIME NOT NULL, 
	archived_at DATETIME, 
	CONSTRAINT pk_project PRIMARY KEY (id), 
	CONSTRAINT fk_project_created_by_account FOREIGN KEY(created_by) REFERENCES account (id), 
	CONSTRAINT uq_project_key UNIQUE ("key")
);

CREATE TABLE sign_in_session (
	token_hash VARCHAR NOT NULL, 
	account_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, seen_at DATETIME, browser VARCHAR DEFAULT '' NOT NULL, system VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_sign_in_session PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sign_in_session_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_sign_in_session_account_id ON sign_in_session (account_id);

CREATE TABLE codebook_version (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	note VARCHAR NOT NULL, 
	edition INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	published_at DATETIME, 
	published_by INTEGER, 
	CONSTRAINT pk_codebook_version PRIMARY KEY (id), 
	CONSTRAINT fk_codebook_version_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_codebook_version_published_by_account FOREIGN KEY(published_by) REFERENCES account (id), 
	CONSTRAINT uq_codebook_version_project_id_number UNIQUE (project_id, number)
);

CREATE TABLE decision_batch (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	rule VARCHAR NOT NULL, 
	minimum INTEGER, 
	n_decisions INTEGER NOT NULL, 
	decided_by INTEGER NOT NULL, 
	decided_at DATETIME NOT NULL, 
	undone_by INTEGER, 
	undone_at DATETIME, rules JSON, 
	CONSTRAINT pk_decision_batch PRIMARY KEY (id), 
	CONSTRAINT fk_decision_batch_decided_by_account FOREIGN KEY(decided_by) REFERENCES account (id), 
	CONSTRAINT fk_decision_batch_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_decision_batch_undone_by_account FOREIGN KEY(undone_by) REFERENCES account (id)
);

CREATE INDEX ix_decision_batch_project_id ON decision_batch (project_id);

CREATE TABLE import_batch (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	filename VARCHAR NOT NULL, 
	file_hash VARCHAR NOT NULL, 
	mapping JSON NOT NULL, 
	n_new INTEGER NOT NULL, 
	n_unchanged INTEGER NOT NULL, 
	n_changed INTEGER NOT NULL, 
	n_duplicates INTEGER NOT NULL, 
	n_refused INTEGER NOT NULL, 
	imported_by INTEGER, 
	imported_at DATETIME NOT NULL, 
	CONSTRAINT pk_import_batch PRIMARY KEY (id), 
	CONSTRAINT fk_import_batch_imported_by_account FOREIGN KEY(imported_by) REFERENCES account (id), 
	CONSTRAINT fk_import_batch_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_import_batch_project_id_number UNIQUE (project_id, number)
);

CREATE TABLE invitation (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	token_hash VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	created_by INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	used_by INTEGER, 
	revoked_at DATETIME, 
	CONSTRAINT pk_invitation PRIMARY KEY (id), 
	CONSTRAINT fk_invitation_created_by_account FOREIGN KEY(created_by) REFERENCES account (id), 
	CONSTRAINT fk_invitation_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_invitation_used_by_account FOREIGN KEY(used_by) REFERENCES account (id), 
	CONSTRAINT uq_invitation_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_invitation_project_id ON invitation (project_id);

CREATE TABLE member (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	account_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	role VARCHAR NOT NULL, 
	coder_group VARCHAR, 
	is_active BOOLEAN NOT NULL, 
	joined_at DATETIME NOT NULL, 
	deactivated_at DATETIME, keys JSON, codebook_opened INTEGER, 
	CONSTRAINT pk_member PRIMARY KEY (id), 
	CONSTRAINT fk_member_account_id_account FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_member_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_member_project_id_account_id UNIQUE (project_id, account_id), 
	CONSTRAINT uq_member_project_id_number UNIQUE (project_id, number)
);

CREATE INDEX ix_member_account_id ON member (account_id);

CREATE TABLE upload (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	filename VARCHAR NOT NULL, 
	content BLOB NOT NULL, 
	uploaded_by INTEGER NOT NULL, 
	uploaded_at DATETIME NOT NULL, reading BLOB, 
	CONSTRAINT pk_upload PRIMARY KEY (id), 
	CONSTRAINT fk_upload_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_upload_uploaded_by_account FOREIGN KEY(uploaded_by) REFERENCES account (id), 
	CONSTRAINT uq_upload_key UNIQUE ("key")
);

CREATE INDEX ix_upload_project_id ON upload (project_id);

CREATE TABLE variable (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	CONSTRAINT pk_variable PRIMARY KEY (id), 
	CONSTRAINT fk_variable_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_variable_project_id_key UNIQUE (project_id, "key")
);

CREATE TABLE code (
	id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	CONSTRAINT pk_code PRIMARY KEY (id), 
	CONSTRAINT fk_code_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id), 
	CONSTRAINT uq_code_variable_id_key UNIQUE (variable_id, "key")
);

CREATE TABLE post (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	external_id VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	author VARCHAR, 
	posted_at DATETIME, 
	posted_at_text VARCHAR, 
	link VARCHAR, 
	extra JSON NOT NULL, 
	content_hash VARCHAR NOT NULL, 
	import_batch_id INTEGER NOT NULL, thread_key VARCHAR, parent_key VARCHAR, takedown_id INTEGER, sampling_fraction FLOAT, 
	CONSTRAINT pk_post PRIMARY KEY (id), 
	CONSTRAINT fk_post_project_id_import_batch_id_import_batch FOREIGN KEY(project_id, import_batch_id) REFERENCES import_batch (project_id, id), 
	CONSTRAINT uq_post_project_id_external_id UNIQUE (project_id, external_id), 
	CONSTRAINT uq_post_project_id_number UNIQUE (project_id, number)
);

CREATE INDEX ix_post_import_batch_id ON post (import_batch_id);

CREATE TABLE round (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	title VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	codebook_version_id INTEGER NOT NULL, 
	design JSON NOT NULL, 
	n_posts INTEGER NOT NULL, 
	is_imported BOOLEAN NOT NULL, 
	opened_by INTEGER, 
	opened_at DATETIME NOT NULL, 
	locked_at DATETIME, 
	revealed_at DATETIME, ends_on DATE, shows_gold BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_round PRIMARY KEY (id), 
	CONSTRAINT fk_round_codebook_version_id_codebook_version FOREIGN KEY(codebook_version_id) REFERENCES codebook_version (id), 
	CONSTRAINT fk_round_opened_by_account FOREIGN KEY(opened_by) REFERENCES account (id), 
	CONSTRAINT fk_round_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_round_project_id_number UNIQUE (project_id, number)
);

CREATE TABLE variable_entry (
	id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	hint VARCHAR NOT NULL, 
	is_required BOOLEAN NOT NULL, 
	minimum FLOAT, 
	maximum FLOAT, 
	CONSTRAINT pk_variable_entry PRIMARY KEY (id), 
	CONSTRAINT fk_variable_entry_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id), 
	CONSTRAINT fk_variable_entry_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id), 
	CONSTRAINT uq_variable_entry_version_id_variable_id UNIQUE (version_id, variable_id)
);

CREATE TABLE assignment (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	skip_reason VARCHAR, 
	coding_id INTEGER, 
	changed_at DATETIME, is_extra BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_assignment PRIMARY KEY (id), 
	CONSTRAINT fk_assignment_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_assignment_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_assignment_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT uq_assignment_round_id_member_id_position UNIQUE (round_id, member_id, position), 
	CONSTRAINT uq_assignment_round_id_post_id_member_id UNIQUE (round_id, post_id, member_id)
);

CREATE INDEX ix_assignment_post_id ON assignment (post_id);

CREATE INDEX ix_assignment_queue ON assignment (round_id, member_id, state, position);

CREATE TABLE code_entry (
	id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	code_id INTEGER NOT NULL, 
	parent_id INTEGER, 
	position INTEGER NOT NULL, 
	value FLOAT, 
	label VARCHAR NOT NULL, 
	definition VARCHAR NOT NULL, 
	use_when VARCHAR NOT NULL, 
	avoid_when VARCHAR NOT NULL, 
	example VARCHAR NOT NULL, 
	counter_example VARCHAR NOT NULL, 
	CONSTRAINT pk_code_entry PRIMARY KEY (id), 
	CONSTRAINT fk_code_entry_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_code_entry_parent_id_code FOREIGN KEY(parent_id) REFERENCES code (id), 
	CONSTRAINT fk_code_entry_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id), 
	CONSTRAINT fk_code_entry_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id), 
	CONSTRAINT uq_code_entry_version_id_code_id UNIQUE (version_id, code_id)
);

CREATE TABLE decision (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	basis VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	supersedes_id INTEGER, 
	batch_id INTEGER, 
	decided_by INTEGER, 
	decided_at DATETIME NOT NULL, 
	CONSTRAINT pk_decision PRIMARY KEY (id), 
	CONSTRAINT fk_decision_batch_id_decision_batch FOREIGN KEY(batch_id) REFERENCES decision_batch (id), 
	CONSTRAINT fk_decision_decided_by_account FOREIGN KEY(decided_by) REFERENCES account (id), 
	CONSTRAINT fk_decision_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_decision_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_decision_supersedes_id_decision FOREIGN KEY(supersedes_id) REFERENCES decision (id), 
	CONSTRAINT fk_decision_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id), 
	CONSTRAINT uq_decision_supersedes_id UNIQUE (supersedes_id)
);

CREATE INDEX ix_decision_batch_id ON decision (batch_id);

CREATE INDEX ix_decision_post_id ON decision (post_id);

CREATE TABLE round_annotator (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	n_assigned INTEGER NOT NULL, 
	n_submitted INTEGER NOT NULL, 
	n_skipped INTEGER NOT NULL, n_extra INTEGER DEFAULT '0' NOT NULL, cursor INTEGER DEFAULT '0' NOT NULL, is_withdrawn BOOLEAN DEFAULT 0 NOT NULL, stretch_began_at DATETIME, done_before_at DATETIME, done_latest_at DATETIME, is_waiting BOOLEAN DEFAULT 0 NOT NULL, training VARCHAR DEFAULT '' NOT NULL, quota INTEGER, 
	CONSTRAINT pk_round_annotator PRIMARY KEY (id), 
	CONSTRAINT fk_round_annotator_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_round_annotator_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT uq_round_annotator_round_id_member_id UNIQUE (round_id, member_id)
);

CREATE INDEX ix_round_annotator_member_id ON round_annotator (member_id);

CREATE TABLE coding (
	id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	submitted_at DATETIME NOT NULL, 
	memo VARCHAR NOT NULL, 
	is_unsure BOOLEAN NOT NULL, 
	form_token VARCHAR NOT NULL, 
	body_hash VARCHAR NOT NULL, reason VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_coding PRIMARY KEY (id), 
	CONSTRAINT fk_coding_assignment_id_assignment FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_coding_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id), 
	CONSTRAINT uq_coding_assignment_id_revision UNIQUE (assignment_id, revision), 
	CONSTRAINT uq_coding_form_token UNIQUE (form_token)
);

CREATE TABLE decision_answer (
	id INTEGER NOT NULL, 
	decision_id INTEGER NOT NULL, 
	code_id INTEGER, 
	number FLOAT, 
	text VARCHAR, 
	nothing_applies BOOLEAN NOT NULL, 
	CONSTRAINT pk_decision_answer PRIMARY KEY (id), 
	CONSTRAINT fk_decision_answer_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_decision_answer_decision_id_decision FOREIGN KEY(decision_id) REFERENCES decision (id)
);

CREATE INDEX ix_decision_answer_decision_id ON decision_answer (decision_id);

CREATE TABLE draft (
	assignment_id INTEGER NOT NULL, 
	typed JSON NOT NULL, 
	saved_at DATETIME NOT NULL, 
	CONSTRAINT pk_draft PRIMARY KEY (assignment_id), 
	CONSTRAINT fk_draft_assignment_id_assignment FOREIGN KEY(assignment_id) REFERENCES assignment (id)
);

CREATE TABLE standing_decision (
	post_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	decision_id INTEGER NOT NULL, 
	CONSTRAINT pk_standing_decision PRIMARY KEY (post_id, variable_id), 
	CONSTRAINT fk_standing_decision_decision_id_decision FOREIGN KEY(decision_id) REFERENCES decision (id), 
	CONSTRAINT fk_standing_decision_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_standing_decision_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_standing_decision_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id)
);

CREATE INDEX ix_standing_decision_project_id ON standing_decision (project_id);

CREATE TABLE coding_answer (
	id INTEGER NOT NULL, 
	coding_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	code_id INTEGER, 
	number FLOAT, 
	text VARCHAR, 
	nothing_applies BOOLEAN NOT NULL, 
	CONSTRAINT pk_coding_answer PRIMARY KEY (id), 
	CONSTRAINT fk_coding_answer_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_coding_answer_coding_id_coding FOREIGN KEY(coding_id) REFERENCES coding (id), 
	CONSTRAINT fk_coding_answer_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id)
);

CREATE INDEX ix_coding_answer_coding_id ON coding_answer (coding_id);

CREATE TRIGGER history_event_no_delete BEFORE DELETE ON history_event BEGIN SELECT RAISE(ABORT, 'history_event is append-only'); END;

CREATE INDEX ix_assignment_round_id ON assignment (round_id);

CREATE TABLE variable_condition (
	id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	on_variable_id INTEGER NOT NULL, 
	code_id INTEGER, 
	CONSTRAINT pk_variable_condition PRIMARY KEY (id), 
	CONSTRAINT fk_variable_condition_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_variable_condition_on_variable_id_variable FOREIGN KEY(on_variable_id) REFERENCES variable (id), 
	CONSTRAINT fk_variable_condition_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id), 
	CONSTRAINT fk_variable_condition_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id), 
	CONSTRAINT uq_variable_condition_version_id_variable_id_on_variable_id_code_id UNIQUE (version_id, variable_id, on_variable_id, code_id)
);

CREATE TABLE coding_span (
	id INTEGER NOT NULL, 
	coding_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	code_id INTEGER NOT NULL, 
	start INTEGER NOT NULL, 
	"end" INTEGER NOT NULL, 
	CONSTRAINT pk_coding_span PRIMARY KEY (id), 
	CONSTRAINT fk_coding_span_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_coding_span_coding_id_coding FOREIGN KEY(coding_id) REFERENCES coding (id), 
	CONSTRAINT fk_coding_span_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id)
);

CREATE INDEX ix_coding_span_coding_id ON coding_span (coding_id);

CREATE TABLE round_queue (
	round_id INTEGER NOT NULL, 
	lease_minutes INTEGER NOT NULL, 
	cap INTEGER, 
	seed BIGINT, 
	n_slots INTEGER NOT NULL, 
	CONSTRAINT pk_round_queue PRIMARY KEY (round_id), 
	CONSTRAINT fk_round_queue_round_id_round FOREIGN KEY(round_id) REFERENCES round (id)
);

CREATE TABLE queue_slot (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	rank INTEGER NOT NULL, 
	state VARCHAR NOT NULL, 
	member_id INTEGER, 
	lease_until DATETIME, 
	CONSTRAINT pk_queue_slot PRIMARY KEY (id), 
	CONSTRAINT fk_queue_slot_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_queue_slot_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_queue_slot_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT uq_queue_slot_round_id_post_id_n UNIQUE (round_id, post_id, n)
);

CREATE INDEX ix_queue_slot_open ON queue_slot (round_id, rank) WHERE state = 'open';

CREATE INDEX ix_queue_slot_leased ON queue_slot (round_id, lease_until) WHERE state = 'leased';

CREATE UNIQUE INDEX uq_queue_slot_member ON queue_slot (round_id, post_id, member_id) WHERE member_id IS NOT NULL;

CREATE TABLE skip_reason (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	retired_at DATETIME, 
	CONSTRAINT pk_skip_reason PRIMARY KEY (id), 
	CONSTRAINT fk_skip_reason_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_skip_reason_project_id_key UNIQUE (project_id, "key")
);

CREATE TABLE post_question (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	project_id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	asked VARCHAR NOT NULL, 
	asked_at DATETIME NOT NULL, 
	answer VARCHAR NOT NULL, 
	answered_by INTEGER, 
	answered_at DATETIME, 
	seen_at DATETIME, 
	CONSTRAINT pk_post_question PRIMARY KEY (id), 
	CONSTRAINT fk_post_question_answered_by_account FOREIGN KEY(answered_by) REFERENCES account (id), 
	CONSTRAINT fk_post_question_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_post_question_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_post_question_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_post_question_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT uq_post_question_key UNIQUE ("key")
);

CREATE INDEX ix_post_question_of_member ON post_question (round_id, member_id, post_id);

CREATE INDEX ix_post_question_project_id ON post_question (project_id);

CREATE TABLE project_care (
	project_id INTEGER NOT NULL, 
	warning VARCHAR NOT NULL, 
	notice_mark VARCHAR NOT NULL, 
	topic_field VARCHAR, 
	hides VARCHAR NOT NULL, 
	pause_minutes INTEGER NOT NULL, 
	shows_author BOOLEAN NOT NULL, 
	timed_since DATETIME, 
	CONSTRAINT pk_project_care PRIMARY KEY (project_id), 
	CONSTRAINT fk_project_care_project_id_project FOREIGN KEY(project_id) REFERENCES project (id)
);

CREATE TABLE member_care (
	member_id INTEGER NOT NULL, 
	accepted_mark VARCHAR NOT NULL, 
	always_hides BOOLEAN NOT NULL, 
	pause_minutes INTEGER, 
	avoids_topics BOOLEAN NOT NULL, 
	CONSTRAINT pk_member_care PRIMARY KEY (member_id), 
	CONSTRAINT fk_member_care_member_id_member FOREIGN KEY(member_id) REFERENCES member (id)
);

CREATE TABLE warning_topic (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	value VARCHAR NOT NULL, 
	label VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	retired_at DATETIME, 
	CONSTRAINT pk_warning_topic PRIMARY KEY (id), 
	CONSTRAINT fk_warning_topic_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_warning_topic_project_id_value UNIQUE (project_id, value)
);

CREATE TABLE topic_opt_out (
	member_id INTEGER NOT NULL, 
	topic_id INTEGER NOT NULL, 
	CONSTRAINT pk_topic_opt_out PRIMARY KEY (member_id, topic_id), 
	CONSTRAINT fk_topic_opt_out_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_topic_opt_out_topic_id_warning_topic FOREIGN KEY(topic_id) REFERENCES warning_topic (id)
);

CREATE INDEX ix_topic_opt_out_topic_id ON topic_opt_out (topic_id);

CREATE INDEX ix_post_thread ON post (project_id, thread_key) WHERE thread_key IS NOT NULL;

CREATE TABLE gold (
	id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	edition INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	note VARCHAR NOT NULL, 
	written_by INTEGER NOT NULL, 
	written_at DATETIME NOT NULL, 
	CONSTRAINT pk_gold PRIMARY KEY (id), 
	CONSTRAINT fk_gold_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_gold_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id), 
	CONSTRAINT fk_gold_written_by_account FOREIGN KEY(written_by) REFERENCES account (id), 
	CONSTRAINT uq_gold_post_id_edition UNIQUE (post_id, edition)
);

CREATE TABLE gold_answer (
	id INTEGER NOT NULL, 
	gold_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	code_id INTEGER, 
	number FLOAT, 
	text VARCHAR, 
	nothing_applies BOOLEAN NOT NULL, 
	CONSTRAINT pk_gold_answer PRIMARY KEY (id), 
	CONSTRAINT fk_gold_answer_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_gold_answer_gold_id_gold FOREIGN KEY(gold_id) REFERENCES gold (id), 
	CONSTRAINT fk_gold_answer_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id)
);

CREATE INDEX ix_gold_answer_gold_id ON gold_answer (gold_id);

CREATE TABLE standing_gold (
	post_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	gold_id INTEGER NOT NULL, 
	retired_at DATETIME, 
	CONSTRAINT pk_standing_gold PRIMARY KEY (post_id), 
	CONSTRAINT fk_standing_gold_gold_id_gold FOREIGN KEY(gold_id) REFERENCES gold (id), 
	CONSTRAINT fk_standing_gold_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_standing_gold_project_id_project FOREIGN KEY(project_id) REFERENCES project (id)
);

CREATE INDEX ix_standing_gold_project_id ON standing_gold (project_id);

CREATE TABLE gold_shown (
	assignment_id INTEGER NOT NULL, 
	gold_id INTEGER NOT NULL, 
	CONSTRAINT pk_gold_shown PRIMARY KEY (assignment_id), 
	CONSTRAINT fk_gold_shown_assignment_id_assignment FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_gold_shown_gold_id_gold FOREIGN KEY(gold_id) REFERENCES gold (id)
);

CREATE TABLE round_gate (
	round_id INTEGER NOT NULL, 
	training_id INTEGER NOT NULL, 
	CONSTRAINT pk_round_gate PRIMARY KEY (round_id), 
	CONSTRAINT fk_round_gate_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT fk_round_gate_training_id_round FOREIGN KEY(training_id) REFERENCES round (id)
);

CREATE INDEX ix_round_gate_training_id ON round_gate (training_id);

CREATE TABLE silent_gold (
	round_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	CONSTRAINT pk_silent_gold PRIMARY KEY (round_id, post_id), 
	CONSTRAINT fk_silent_gold_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_silent_gold_round_id_round FOREIGN KEY(round_id) REFERENCES round (id)
);

CREATE TABLE code_origin (
	id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	code_id INTEGER NOT NULL, 
	origin_id INTEGER NOT NULL, 
	CONSTRAINT pk_code_origin PRIMARY KEY (id), 
	CONSTRAINT fk_code_origin_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_code_origin_origin_id_code FOREIGN KEY(origin_id) REFERENCES code (id), 
	CONSTRAINT fk_code_origin_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id), 
	CONSTRAINT uq_code_origin_version_id_code_id_origin_id UNIQUE (version_id, code_id, origin_id)
);

CREATE TABLE entry_change (
	id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	code_id INTEGER, 
	is_semantic BOOLEAN NOT NULL, fate VARCHAR DEFAULT '' NOT NULL, 
	CONSTRAINT pk_entry_change PRIMARY KEY (id), 
	CONSTRAINT fk_entry_change_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_entry_change_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id), 
	CONSTRAINT fk_entry_change_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id), 
	CONSTRAINT uq_entry_change_version_id_variable_id_code_id UNIQUE (version_id, variable_id, code_id)
);

CREATE INDEX ix_assignment_by_post ON assignment (round_id, state, post_id);

CREATE INDEX ix_assignment_by_moment ON assignment (round_id, state, changed_at);

CREATE INDEX ix_coding_unsure ON coding (assignment_id) WHERE is_unsure = 1;

CREATE INDEX ix_decision_by_a_person ON decision (project_id, variable_id, id) WHERE basis IN ('adjudicated', 'consensus');

CREATE INDEX ix_coding_memo ON coding (id) WHERE memo != '';

CREATE TABLE desk_settings (
	project_id INTEGER NOT NULL, 
	reasons VARCHAR NOT NULL, adjudicators JSON DEFAULT '[]' NOT NULL, splits BOOLEAN DEFAULT 0 NOT NULL, double_percent INTEGER DEFAULT '0' NOT NULL, seed VARCHAR DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_desk_settings PRIMARY KEY (project_id), 
	CONSTRAINT fk_desk_settings_project_id_project FOREIGN KEY(project_id) REFERENCES project (id)
);

CREATE TABLE codebook_problem (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	code_id INTEGER, 
	note VARCHAR NOT NULL, 
	noted_by INTEGER, 
	noted_at DATETIME NOT NULL, 
	dealt_with_in INTEGER, 
	dealt_with_by INTEGER, 
	dealt_with_at DATETIME, 
	CONSTRAINT pk_codebook_problem PRIMARY KEY (id), 
	CONSTRAINT fk_codebook_problem_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_codebook_problem_dealt_with_by_account FOREIGN KEY(dealt_with_by) REFERENCES account (id), 
	CONSTRAINT fk_codebook_problem_noted_by_account FOREIGN KEY(noted_by) REFERENCES account (id), 
	CONSTRAINT fk_codebook_problem_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_codebook_problem_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_codebook_problem_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id), 
	CONSTRAINT uq_codebook_problem_project_id_number UNIQUE (project_id, number)
);

CREATE INDEX ix_codebook_problem_post_id ON codebook_problem (post_id);

CREATE TABLE sent_back (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	assignment_id INTEGER NOT NULL, 
	coding_id INTEGER NOT NULL, 
	note VARCHAR NOT NULL, 
	sent_by INTEGER NOT NULL, 
	sent_at DATETIME NOT NULL, 
	CONSTRAINT pk_sent_back PRIMARY KEY (id), 
	CONSTRAINT fk_sent_back_assignment_id_assignment FOREIGN KEY(assignment_id) REFERENCES assignment (id), 
	CONSTRAINT fk_sent_back_coding_id_coding FOREIGN KEY(coding_id) REFERENCES coding (id), 
	CONSTRAINT fk_sent_back_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_sent_back_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_sent_back_sent_by_account FOREIGN KEY(sent_by) REFERENCES account (id)
);

CREATE INDEX ix_sent_back_project_id ON sent_back (project_id);

CREATE INDEX ix_sent_back_post_id ON sent_back (post_id);

CREATE INDEX ix_sent_back_assignment_id ON sent_back (assignment_id);

CREATE INDEX ix_sent_back_coding_id ON sent_back (coding_id);

CREATE TABLE round_question (
	round_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	shows_earlier BOOLEAN NOT NULL, 
	CONSTRAINT pk_round_question PRIMARY KEY (round_id, variable_id), 
	CONSTRAINT fk_round_question_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT fk_round_question_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id)
);

CREATE TABLE post_taken (
	post_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	taken_at DATETIME NOT NULL, 
	CONSTRAINT pk_post_taken PRIMARY KEY (post_id), 
	CONSTRAINT fk_post_taken_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_post_taken_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_post_taken_project_id_project FOREIGN KEY(project_id) REFERENCES project (id)
);

CREATE INDEX ix_post_taken_project_id ON post_taken (project_id);

CREATE TABLE second_decision (
	decision_id INTEGER NOT NULL, 
	first_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	is_alike BOOLEAN NOT NULL, 
	CONSTRAINT pk_second_decision PRIMARY KEY (decision_id), 
	CONSTRAINT fk_second_decision_decision_id_decision FOREIGN KEY(decision_id) REFERENCES decision (id), 
	CONSTRAINT fk_second_decision_first_id_decision FOREIGN KEY(first_id) REFERENCES decision (id), 
	CONSTRAINT fk_second_decision_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_second_decision_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_second_decision_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id)
);

CREATE INDEX ix_second_decision_first_id ON second_decision (first_id);

CREATE INDEX ix_second_decision_project_id ON second_decision (project_id);

CREATE INDEX ix_second_decision_post_id ON second_decision (post_id);

CREATE TABLE meeting (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	begun_by INTEGER NOT NULL, 
	begun_at DATETIME NOT NULL, 
	CONSTRAINT pk_meeting PRIMARY KEY (id), 
	CONSTRAINT fk_meeting_begun_by_account FOREIGN KEY(begun_by) REFERENCES account (id), 
	CONSTRAINT fk_meeting_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_meeting_project_id_number UNIQUE (project_id, number)
);

CREATE TABLE meeting_member (
	meeting_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	CONSTRAINT pk_meeting_member PRIMARY KEY (meeting_id, member_id), 
	CONSTRAINT fk_meeting_member_meeting_id_meeting FOREIGN KEY(meeting_id) REFERENCES meeting (id), 
	CONSTRAINT fk_meeting_member_member_id_member FOREIGN KEY(member_id) REFERENCES member (id)
);

CREATE TABLE meeting_decision (
	decision_id INTEGER NOT NULL, 
	meeting_id INTEGER NOT NULL, 
	CONSTRAINT pk_meeting_decision PRIMARY KEY (decision_id), 
	CONSTRAINT fk_meeting_decision_decision_id_decision FOREIGN KEY(decision_id) REFERENCES decision (id), 
	CONSTRAINT fk_meeting_decision_meeting_id_meeting FOREIGN KEY(meeting_id) REFERENCES meeting (id)
);

CREATE INDEX ix_meeting_decision_meeting_id ON meeting_decision (meeting_id);

CREATE TABLE post_comment (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	text VARCHAR NOT NULL, 
	said_at DATETIME NOT NULL, 
	taken_back_at DATETIME, 
	CONSTRAINT pk_post_comment PRIMARY KEY (id), 
	CONSTRAINT fk_post_comment_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_post_comment_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_post_comment_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT uq_post_comment_round_id_post_id_number UNIQUE (round_id, post_id, number)
);

CREATE INDEX ix_post_comment_post_id ON post_comment (post_id);

CREATE TABLE seconds_asked (
	round_id INTEGER NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	changed_by INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_seconds_asked PRIMARY KEY (round_id), 
	CONSTRAINT fk_seconds_asked_changed_by_account FOREIGN KEY(changed_by) REFERENCES account (id), 
	CONSTRAINT fk_seconds_asked_round_id_round FOREIGN KEY(round_id) REFERENCES round (id)
);

CREATE TABLE second_coding (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	post_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	version_id INTEGER NOT NULL, 
	submitted_at DATETIME NOT NULL, 
	CONSTRAINT pk_second_coding PRIMARY KEY (id), 
	CONSTRAINT fk_second_coding_member_id_member FOREIGN KEY(member_id) REFERENCES member (id), 
	CONSTRAINT fk_second_coding_post_id_post FOREIGN KEY(post_id) REFERENCES post (id), 
	CONSTRAINT fk_second_coding_round_id_round FOREIGN KEY(round_id) REFERENCES round (id), 
	CONSTRAINT fk_second_coding_version_id_codebook_version FOREIGN KEY(version_id) REFERENCES codebook_version (id)
);

CREATE INDEX ix_second_coding_of_member ON second_coding (round_id, post_id, member_id);

CREATE TABLE second_answer (
	id INTEGER NOT NULL, 
	second_coding_id INTEGER NOT NULL, 
	variable_id INTEGER NOT NULL, 
	code_id INTEGER, 
	number FLOAT, 
	text VARCHAR, 
	nothing_applies BOOLEAN NOT NULL, 
	CONSTRAINT pk_second_answer PRIMARY KEY (id), 
	CONSTRAINT fk_second_answer_code_id_code FOREIGN KEY(code_id) REFERENCES code (id), 
	CONSTRAINT fk_second_answer_second_coding_id_second_coding FOREIGN KEY(second_coding_id) REFERENCES second_coding (id), 
	CONSTRAINT fk_second_answer_variable_id_variable FOREIGN KEY(variable_id) REFERENCES variable (id)
);

CREATE INDEX ix_second_answer_second_coding_id ON second_answer (second_coding_id);

CREATE TABLE takedown (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	keeps_codings BOOLEAN NOT NULL, 
	n_posts INTEGER NOT NULL, 
	taken_down_by INTEGER, 
	taken_down_at DATETIME NOT NULL, wiped_at DATETIME, is_in_history BOOLEAN DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_takedown PRIMARY KEY (id), 
	CONSTRAINT fk_takedown_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_takedown_taken_down_by_account FOREIGN KEY(taken_down_by) REFERENCES account (id), 
	CONSTRAINT uq_takedown_project_id_number UNIQUE (project_id, number)
);

CREATE TABLE erasure (
	post_id INTEGER NOT NULL, 
	CONSTRAINT pk_erasure PRIMARY KEY (post_id), 
	CONSTRAINT fk_erasure_post_id_post FOREIGN KEY(post_id) REFERENCES post (id)
);

CREATE INDEX ix_post_taken_down ON post (project_id, id) WHERE takedown_id IS NOT NULL;

CREATE TRIGGER coding_no_update BEFORE UPDATE ON coding WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'coding is append-only'); END;

CREATE TRIGGER coding_no_delete BEFORE DELETE ON coding WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'coding is append-only'); END;

CREATE TRIGGER coding_answer_no_update BEFORE UPDATE ON coding_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'coding_answer is append-only'); END;

CREATE TRIGGER coding_answer_no_delete BEFORE DELETE ON coding_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'coding_answer is append-only'); END;

CREATE TRIGGER coding_span_no_update BEFORE UPDATE ON coding_span WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'coding_span is append-only'); END;

CREATE TRIGGER coding_span_no_delete BEFORE DELETE ON coding_span WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'coding_span is append-only'); END;

CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END;

CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'decision is append-only'); END;

CREATE TRIGGER decision_answer_no_update BEFORE UPDATE ON decision_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'decision_answer is append-only'); END;

CREATE TRIGGER decision_answer_no_delete BEFORE DELETE ON decision_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'decision_answer is append-only'); END;

CREATE TRIGGER gold_no_update BEFORE UPDATE ON gold WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'gold is append-only'); END;

CREATE TRIGGER gold_no_delete BEFORE DELETE ON gold WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'gold is append-only'); END;

CREATE TRIGGER gold_answer_no_update BEFORE UPDATE ON gold_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'gold_answer is append-only'); END;

CREATE TRIGGER gold_answer_no_delete BEFORE DELETE ON gold_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'gold_answer is append-only'); END;

CREATE TRIGGER second_coding_no_update BEFORE UPDATE ON second_coding WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'second_coding is append-only'); END;

CREATE TRIGGER second_coding_no_delete BEFORE DELETE ON second_coding WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'second_coding is append-only'); END;

CREATE TRIGGER second_answer_no_update BEFORE UPDATE ON second_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'second_answer is append-only'); END;

CREATE TRIGGER second_answer_no_delete BEFORE DELETE ON second_answer WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'second_answer is append-only'); END;

CREATE TABLE pseudonym_key (
	project_id INTEGER NOT NULL, 
	secret BLOB NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_pseudonym_key PRIMARY KEY (project_id), 
	CONSTRAINT fk_pseudonym_key_project_id_project FOREIGN KEY(project_id) REFERENCES project (id)
);

CREATE TABLE import_job (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	upload_key VARCHAR NOT NULL, 
	choices JSON NOT NULL, 
	seen VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	started_by INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	phase VARCHAR NOT NULL, 
	phase_began_at DATETIME NOT NULL, 
	done INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	runner VARCHAR NOT NULL, 
	heard_at DATETIME NOT NULL, 
	is_unwanted BOOLEAN NOT NULL, 
	batch_id INTEGER, 
	counts JSON NOT NULL, 
	problem VARCHAR NOT NULL, 
	finished_at DATETIME, 
	CONSTRAINT pk_import_job PRIMARY KEY (id), 
	CONSTRAINT fk_import_job_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id), 
	CONSTRAINT fk_import_job_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_import_job_started_by_account FOREIGN KEY(started_by) REFERENCES account (id)
);

CREATE INDEX ix_import_job_upload_key ON import_job (upload_key);

CREATE UNIQUE INDEX ix_import_job_under_way ON import_job (project_id) WHERE finished_at IS NULL;

CREATE TRIGGER history_event_no_update BEFORE UPDATE OF id, chain, sequence, at, actor_id, "action", subject, details, previous_hash, hash ON history_event BEGIN SELECT RAISE(ABORT, 'history_event is append-only'); END;

CREATE TRIGGER history_event_keeps_contents BEFORE UPDATE OF contents ON history_event WHEN NOT EXISTS (SELECT 1 FROM erasure) BEGIN SELECT RAISE(ABORT, 'history_event is append-only'); END;

CREATE TABLE identity (
	id INTEGER NOT NULL, 
	account_id INTEGER NOT NULL, 
	issuer VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	tied_at DATETIME NOT NULL, 
	CONSTRAINT pk_identity PRIMARY KEY (id), 
	CONSTRAINT fk_identity_account_id_account FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT uq_identity_account_id UNIQUE (account_id), 
	CONSTRAINT uq_identity_issuer_subject UNIQUE (issuer, subject)
);

CREATE TABLE half_sign_in (
	token_hash VARCHAR NOT NULL, 
	account_id INTEGER, 
	issuer VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	display_name VARCHAR NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_half_sign_in PRIMARY KEY (token_hash), 
	CONSTRAINT fk_half_sign_in_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_half_sign_in_account_id ON half_sign_in (account_id);

CREATE TABLE second_factor (
	account_id INTEGER NOT NULL, 
	sealed_secret BLOB NOT NULL, 
	last_step INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	CONSTRAINT pk_second_factor PRIMARY KEY (account_id), 
	CONSTRAINT fk_second_factor_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE TABLE recovery_code (
	code_hash VARCHAR NOT NULL, 
	account_id INTEGER NOT NULL, 
	CONSTRAINT pk_recovery_code PRIMARY KEY (code_hash), 
	CONSTRAINT fk_recovery_code_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

CREATE INDEX ix_recovery_code_account_id ON recovery_code (account_id);

CREATE TABLE access_token (
	id INTEGER NOT NULL, 
	handle VARCHAR NOT NULL, 
	token_hash VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	account_id INTEGER NOT NULL, 
	project_id INTEGER, 
	scopes JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT pk_access_token PRIMARY KEY (id), 
	CONSTRAINT fk_access_token_account_id_account FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_access_token_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_access_token_handle UNIQUE (handle), 
	CONSTRAINT uq_access_token_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_access_token_account_id ON access_token (account_id);

CREATE INDEX ix_access_token_project_id ON access_token (project_id);

CREATE TABLE access_token_bar (
	token_id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	barred_at DATETIME NOT NULL, 
	CONSTRAINT pk_access_token_bar PRIMARY KEY (token_id, project_id), 
	CONSTRAINT fk_access_token_bar_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT fk_access_token_bar_token_id_access_token FOREIGN KEY(token_id) REFERENCES access_token (id)
);

CREATE TABLE access_token_guess (
	id INTEGER NOT NULL, 
	address VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_access_token_guess PRIMARY KEY (id)
);

CREATE INDEX ix_access_token_guess_address ON access_token_guess (address);

CREATE TABLE api_answer (
	id INTEGER NOT NULL, 
	project_id INTEGER NOT NULL, 
	account_id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	body_hash VARCHAR NOT NULL, 
	status INTEGER NOT NULL, 
	answer JSON NOT NULL, 
	answered_at DATETIME NOT NULL, 
	CONSTRAINT pk_api_answer PRIMARY KEY (id), 
	CONSTRAINT fk_api_answer_account_id_account FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_api_answer_project_id_project FOREIGN KEY(project_id) REFERENCES project (id), 
	CONSTRAINT uq_api_answer_project_id_account_id_key UNIQUE (project_id, account_id, "key")
);

CREATE UNIQUE INDEX ix_import_batch_place ON import_batch (project_id, id);

CREATE TABLE parcel (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	upload_id INTEGER, 
	part VARCHAR NOT NULL, 
	heard_at DATETIME, 
	CONSTRAINT fk_parcel_upload_id_upload FOREIGN KEY(upload_id) REFERENCES upload (id) ON DELETE SET NULL
);

CREATE INDEX ix_parcel_upload_id ON parcel (upload_id);

CREATE TABLE parcel_piece (
	parcel_id INTEGER NOT NULL, 
	start BIGINT NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_parcel_piece PRIMARY KEY (parcel_id, start), 
	CONSTRAINT fk_parcel_piece_parcel_id_parcel FOREIGN KEY(parcel_id) REFERENCES parcel (id)
);

CREATE TABLE used_step (
	account_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	CONSTRAINT pk_used_step PRIMARY KEY (account_id, step), 
	CONSTRAINT fk_used_step_account_id_account FOREIGN KEY(account_id) REFERENCES account (id)
);

INSERT INTO "alembic_version" VALUES('0032');

INSERT INTO "history_head" VALUES(0,0,'0000000000000000000000000000000000000000000000000000000000000000')
