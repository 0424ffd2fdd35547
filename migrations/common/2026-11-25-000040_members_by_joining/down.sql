DROP INDEX members_by_joining;
