-- Loses: every profile

DROP TABLE profiles;
