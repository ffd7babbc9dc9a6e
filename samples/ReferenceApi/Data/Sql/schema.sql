-- One schema for SQLite and PostgreSQL. ReferenceApi fills in two words that differ between them: {identity} and {text}.
-- Times are Unix milliseconds in UTC: one integer that both databases store, index and compare alike.
-- Secondary indexes are in indexes.sql, because they are a feature that can be switched off.

CREATE TABLE users (
    id {identity},
    name {text} NOT NULL,
    email {text} NOT NULL,
    country {text} NOT NULL,
    plan {text} NOT NULL,
    status {text} NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);

CREATE TABLE chats (
    id {identity},
    title {text} NOT NULL,
    channel {text} NOT NULL,
    contact {text} NOT NULL,
    status {text} NOT NULL,
    created_at BIGINT NOT NULL,
    last_message_id BIGINT NOT NULL,
    last_message_at BIGINT NOT NULL
);

CREATE TABLE messages (
    id {identity},
    chat_id BIGINT NOT NULL REFERENCES chats (id),
    direction {text} NOT NULL,
    sender {text} NOT NULL,
    kind {text} NOT NULL,
    body {text} NOT NULL,
    sent_at BIGINT NOT NULL,
    read_at BIGINT
);

CREATE TABLE events (
    id {identity},
    type {text} NOT NULL,
    chat_id BIGINT,
    actor {text} NOT NULL,
    detail {text} NOT NULL,
    occurred_at BIGINT NOT NULL
);

CREATE TABLE settings (
    section {text} NOT NULL,
    name {text} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (section, name)
);

CREATE TABLE api_keys (
    id {text} NOT NULL,
    key_hash {text} NOT NULL,
    client {text} NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (id)
);

CREATE TABLE experts (
    id {identity},
    name {text} NOT NULL,
    domain {text} NOT NULL,
    model {text} NOT NULL
);

CREATE TABLE runs (
    id {identity},
    expert_id BIGINT NOT NULL REFERENCES experts (id),
    status {text} NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    started_at BIGINT NOT NULL
);

CREATE TABLE reports (
    id {identity},
    expert_id BIGINT NOT NULL REFERENCES experts (id),
    kind {text} NOT NULL,
    title {text} NOT NULL,
    summary {text} NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE health_points (
    id {identity},
    metric {text} NOT NULL,
    source {text} NOT NULL,
    recorded_at BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL
);

CREATE TABLE items (
    id {identity},
    title {text} NOT NULL,
    description {text} NOT NULL,
    category {text} NOT NULL,
    status {text} NOT NULL,
    priority {text} NOT NULL,
    assignee {text} NOT NULL,
    search_text {text} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE item_tags (
    item_id BIGINT NOT NULL REFERENCES items (id),
    tag {text} NOT NULL,
    PRIMARY KEY (item_id, tag)
);

CREATE TABLE signals (
    id {identity},
    name {text} NOT NULL,
    observed_at BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL
);

-- What this database holds, so that a later start knows whether it may be used as it is. Written last.
CREATE TABLE data_set (
    name {text} NOT NULL,
    version BIGINT NOT NULL,
    seed {text} NOT NULL,
    indexes BIGINT NOT NULL,
    rows BIGINT NOT NULL
);
