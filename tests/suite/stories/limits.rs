//! How much one request may bring: what is above is refused, with the status that says what was too much.

use actix_web::test::TestRequest;

use crate::support::{GET, each};

#[test]
fn an_address_and_headers_have_a_length() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        let long = |n: usize| "a".repeat(n);
        ana.api(GET, &format!("/orgs/acme/members?q={}", long(8 * 1024)), ()).await.is(414);
        ana.sign_in(false);
        ana.get(&format!("/o/acme/members?q={}", long(8 * 1024))).await.says(414, &["address is too long"]);
        ana.get(&format!("/o/acme/members?q={}", long(1024))).await.is(200);
        let headed = |n: usize| TestRequest::get().uri("/o/acme/members").insert_header(("x-note", long(n)));
        ana.browse(headed(16 * 1024)).await.says(431, &["headers"]);
        ana.browse(headed(8 * 1024)).await.is(200);
    });
}

#[test]
fn a_form_has_a_number_of_fields_and_a_size() {
    each(|app| async move {
        let ana = app.person("Ana Ruiz");
        app.org(&ana, "Acme").await;
        ana.sign_in(false);
        let names: Vec<String> = (0..101).map(|n| format!("field{n}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        ana.post("/o/acme/settings", &many).await.says(413, &["100 fields"]);
        let big = "x".repeat(64 * 1024);
        ana.post("/o/acme/settings", &[("description", &big)]).await.says(413, &["64 KiB"]);
        // A page of selected rows is one field.
        let rows = vec![("id", "mem_00000000000000000000000000"); 200];
        assert_ne!(ana.post("/o/acme/member-changes", &rows).await.status, 413);
    });
}
