-- Who joined when: for how many are new, and for the picture of members over time.
CREATE INDEX members_by_joining ON members (org_id, valid_from, valid_to, status);
