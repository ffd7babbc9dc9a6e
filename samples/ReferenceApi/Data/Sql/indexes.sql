-- The feature Indexes: one index for each way in which an endpoint looks rows up or orders them.

-- GET /api/users: keyset pages in each order.
CREATE INDEX users_by_creation ON users (created_at, id);
CREATE INDEX users_by_name ON users (name, id);
CREATE INDEX users_by_last_seen ON users (last_seen_at, id);

-- GET /api/v2/chats: newest first, with the unread messages of the chats on the page.
CREATE INDEX chats_by_last_message ON chats (last_message_at, id);
CREATE INDEX messages_unread ON messages (chat_id) WHERE read_at IS NULL;

-- GET /api/v2/chats/{id}/messages: newest first within a chat.
CREATE INDEX messages_by_chat ON messages (chat_id, id);

-- GET /api/v2/events: a span of time, of one type or of all.
CREATE INDEX events_by_time ON events (occurred_at, id);
CREATE INDEX events_by_type ON events (type, occurred_at, id);

-- GET /api/iris/overview: sums per expert and per day read the index alone; percentiles walk the durations in order.
CREATE INDEX runs_by_expert ON runs (expert_id, status, input_tokens, output_tokens, duration_ms);
CREATE INDEX runs_by_start ON runs (started_at, status);
CREATE INDEX runs_by_duration ON runs (duration_ms);
CREATE INDEX reports_by_creation ON reports (created_at, id);

-- GET /api/v1/data/{metric} and GET /api/v1/export: newest first, of one metric or of all.
CREATE INDEX health_points_by_metric ON health_points (metric, recorded_at, id);
CREATE INDEX health_points_by_time ON health_points (recorded_at, id);

-- GET /api/items: newest first under each filter.
CREATE INDEX items_by_creation ON items (created_at, id);
CREATE INDEX items_by_category ON items (category, created_at, id);
CREATE INDEX items_by_status ON items (status, created_at, id);
CREATE INDEX items_by_priority ON items (priority, created_at, id);
CREATE INDEX item_tags_by_tag ON item_tags (tag, item_id);

-- GET /api/signals: a span of one series, read from the index alone.
CREATE INDEX signals_by_name ON signals (name, observed_at, value);
