//! The audit log as a test looks at it: every event of every chain, and statements by hand.

use bailiwick::audit::store;
use bailiwick::audit::verify::{Report, verify};
use bailiwick::base::audit::Row;
use bailiwick::base::db::Conn;
use diesel::connection::SimpleConnection;

use super::App;

impl App {
    /// Every event there is, in the order in which it came.
    pub fn events(&self) -> Vec<Row> {
        let mut c = self.world().db.reader().unwrap();
        let mut all: Vec<Row> = Vec::new();
        for (_, chain, _) in store::chains(&mut c).unwrap() {
            all.extend(store::after(&mut c, &chain, 0, 10_000).unwrap());
        }
        all.sort_by_key(|row| (row.at, row.seq));
        all
    }

    /// The chains of which verification finds something wrong.
    pub fn broken_chains(&self) -> Vec<Report> {
        verify(self.world(), None).unwrap().into_iter().filter(|r| r.broken.is_some()).collect()
    }

    /// A connection beside the application, as somebody with the database in their hands has one.
    pub fn by_hand(&self) -> Conn {
        self.world().settings.database_url.connect().unwrap()
    }

    pub fn sql(&self, text: &str) -> diesel::QueryResult<()> {
        self.by_hand().batch_execute(text)
    }
}
