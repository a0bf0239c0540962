-- Profiles: one row for each person who has saved one.

CREATE TABLE profiles (
  -- The `sub` of the person's tokens.
  subject TEXT PRIMARY KEY NOT NULL CHECK (subject <> ''),
  display_name TEXT NOT NULL CHECK (display_name <> ''),
  -- One more with each change: who saves says which revision was read.
  revision INTEGER NOT NULL CHECK (revision >= 1),
  -- RFC 3339, in UTC.
  created_at TEXT NOT NULL CHECK (created_at LIKE '____-__-__T__:__:__%Z'),
  updated_at TEXT NOT NULL CHECK (updated_at LIKE '____-__-__T__:__:__%Z')
) STRICT;
