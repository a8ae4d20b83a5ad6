"""medrec acts: storage, pages, notices, access, schedules."""
