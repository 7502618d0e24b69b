-- What Athena (Trino) functions mean on DuckDB: with these macros the views run there as they are written.
SET TimeZone = 'UTC';
SET lambda_syntax = 'ENABLE_SINGLE_ARROW';
CREATE MACRO element_at(collection, key) AS collection[key];
CREATE MACRO from_iso8601_timestamp(text) AS cast(text AS timestamptz);
CREATE MACRO regexp_like(text, pattern) AS regexp_matches(text, pattern);
CREATE MACRO json_extract_scalar(document, path) AS json_extract_string(document, path);
