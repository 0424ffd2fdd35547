//! Both databases have the same columns, and `base/db/schema.rs`, `copies.rs` and `work.rs` say the same.

use std::collections::BTreeMap;

use bailiwick::base::db::Conn;
use diesel::RunQueryDsl as _;
use diesel::sql_types::Text;

use crate::support::databases::{Kind, kinds};
use crate::support::{App, each};

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

const OF_SQLITE: &str = "SELECT m.name AS table_name, c.name AS column_name,
  c.type || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN '' ELSE ' NULL' END AS kind
  FROM pragma_table_list m JOIN pragma_table_info(m.name) c WHERE m.schema = 'main' AND m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
    AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'search\\_%' ESCAPE '\\'";
const OF_POSTGRES: &str = "SELECT table_name::text AS table_name, column_name::text AS column_name,
  UPPER(data_type) || CASE WHEN is_nullable = 'NO' THEN '' ELSE ' NULL' END AS kind
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'";

type Tables = BTreeMap<String, BTreeMap<String, String>>;

fn tables(c: &mut Conn) -> Tables {
    let text = match c {
        Conn::Sqlite(_) => OF_SQLITE,
        Conn::Postgres(_) => OF_POSTGRES,
    };
    let mut tables = Tables::new();
    for column in diesel::sql_query(text).load::<Column>(c).unwrap() {
        tables.entry(column.table_name).or_default().insert(column.column_name, column.kind);
    }
    tables
}

/// The tables as `schema.rs` has them, read from its text: the macro leaves nothing to ask at run time.
fn of_program() -> Tables {
    let text = ["schema", "copies", "work"]
        .map(|file| std::fs::read_to_string(format!("{}/src/base/db/{file}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap())
        .concat();
    let mut tables = Tables::new();
    for block in text.split("diesel::table! {").skip(1) {
        let mut lines = block.lines().map(str::trim).filter(|l| !l.is_empty());
        let table = lines.next().unwrap().split_whitespace().next().unwrap().to_owned();
        let columns = lines.take_while(|l| !l.starts_with("diesel::")).filter_map(|l| l.split_once(" -> ")).map(|(name, kind)| {
            let kind = kind.trim_end_matches(',');
            let inner = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            let sql = match inner {
                "Text" => "TEXT",
                "BigInt" => "BIGINT",
                "Bool" => "BOOLEAN",
                other => panic!("{other} is not a type that both databases share"),
            };
            (name.to_owned(), if kind.starts_with("Nullable") { format!("{sql} NULL") } else { sql.to_owned() })
        });
        tables.insert(table, columns.collect());
    }
    tables
}

#[test]
fn both_databases_and_the_program_agree_on_every_column() {
    each(|app| async move {
        assert_eq!(tables(&mut app.by_hand()), of_program());
    });
}

#[test]
fn migrating_twice_changes_nothing_and_foreign_keys_hold() {
    each(|app| async move {
        assert_eq!(bailiwick::base::db::migrate::run(&app.world().settings.database_url).unwrap(), 0);
        let wrong = "INSERT INTO recovery_codes (user_id, code_hash) VALUES ('usr_nobody', 'x')";
        assert!(app.sql(wrong).is_err(), "a row may not refer to nothing");
    });
}

#[test]
fn every_index_and_key_of_a_table_of_an_organization_begins_with_it() {
    let app = actix_web::rt::System::new().block_on(App::fresh(Kind::Sqlite));
    assert!(kinds().contains(&app.kind()));
    for (table, columns) in tables(&mut app.by_hand()) {
        if columns.contains_key("org_id") && table != "outbox" {
            #[derive(diesel::QueryableByName)]
            struct First {
                #[diesel(sql_type = Text)]
                name: String,
            }
            let key = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk = 1");
            let first: Vec<First> = diesel::sql_query(key).load(&mut app.by_hand()).unwrap();
            assert_eq!(first[0].name, "org_id", "the key of {table}");
        }
    }
}
