CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE warcs (file TEXT PRIMARY KEY, derived INTEGER NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    key TEXT NOT NULL,
    date TEXT NOT NULL,
    type TEXT NOT NULL,
    status INTEGER,
    mime TEXT,
    payload_digest TEXT,
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    truncated TEXT,
    profile TEXT,
    refers_to_url TEXT,
    refers_to_date TEXT,
    via TEXT,
    hops TEXT NOT NULL,
    source TEXT,
    listed TEXT,
    listed_title TEXT,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    title TEXT,
    canonical_url TEXT,
    rights TEXT NOT NULL,
    evidence TEXT NOT NULL,
    document INTEGER,
    refers_to_id TEXT,
    UNIQUE (file, offset)
) STRICT;
CREATE INDEX captures_key ON captures (key, date);
CREATE INDEX captures_document ON captures (document, date) WHERE document IS NOT NULL;
CREATE INDEX captures_payload ON captures (payload_digest) WHERE type = 'response';
CREATE INDEX captures_record ON captures (record_id) WHERE type = 'response';
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    capture INTEGER NOT NULL REFERENCES captures (id),
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    canonical_url TEXT,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,
    published TEXT,
    modified TEXT,
    language TEXT,
    declared_language TEXT,
    site_name TEXT,
    section TEXT,
    tags TEXT NOT NULL,
    description TEXT,
    image TEXT,
    licence TEXT,
    free INTEGER,
    sources TEXT NOT NULL,
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    date TEXT NOT NULL,
    payload_digest TEXT,
    text_digest TEXT NOT NULL,
    characters INTEGER NOT NULL,
    extractor TEXT NOT NULL,
    extractor_version TEXT NOT NULL
) STRICT;
CREATE INDEX documents_url ON documents (final_url, text_digest);
CREATE TABLE continuations (
    document INTEGER PRIMARY KEY REFERENCES documents (id),
    url TEXT NOT NULL,
    key TEXT NOT NULL
) STRICT;
CREATE INDEX continuations_key ON continuations (key);
CREATE TABLE articles (document INTEGER PRIMARY KEY REFERENCES documents (id), article INTEGER NOT NULL) STRICT;
CREATE INDEX articles_article ON articles (article);
CREATE TABLE addresses (key TEXT NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (key, document)) WITHOUT ROWID, STRICT;
CREATE TABLE likeness (
    document INTEGER PRIMARY KEY REFERENCES documents (id),
    cluster INTEGER NOT NULL,
    words TEXT NOT NULL,
    count INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE INDEX likeness_cluster ON likeness (cluster);
CREATE INDEX likeness_words ON likeness (words);
CREATE TABLE bands (band INTEGER NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (band, document)) WITHOUT ROWID, STRICT;
CREATE VIRTUAL TABLE search USING fts5 (
    title, text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2"
);
