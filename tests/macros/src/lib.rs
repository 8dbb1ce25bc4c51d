//! The attribute of tests that need a database.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// A test with a database of its own, at the newest migration. Its parameter is made from the pool by
/// `support::FromPool`.
#[expect(clippy::missing_panics_doc, reason = "a panic is how an attribute reports an error")]
#[proc_macro_attribute]
pub fn test(_: TokenStream, function: TokenStream) -> TokenStream {
    let mut function: Vec<TokenTree> = function.into_iter().collect();
    let (Some(TokenTree::Group(body)), Some(TokenTree::Group(parameter))) =
        (function.pop(), function.pop())
    else {
        panic!("the attribute is for `async fn name(parameter: Type) {{ … }}`");
    };
    let mut parameter: Vec<TokenTree> = parameter.stream().into_iter().collect();
    // rustfmt puts a comma behind a parameter on a line of its own.
    parameter.pop_if(|last| last.to_string() == ",");
    let colon = parameter.iter().position(|token| token.to_string() == ":").expect("a type");
    let its_type = parameter[colon + 1..].to_vec();
    let mut made = parsed("let");
    made.extend(parameter);
    made.extend(parsed("= <"));
    made.extend(its_type);
    made.extend(parsed("as ::support::FromPool>::from_pool(pool).await;"));
    made.extend(body.stream());
    let mut test = parsed(r#"#[::sqlx::test(migrator = "store::MIGRATOR")]"#);
    test.extend(function);
    test.extend(parsed("(pool: ::sqlx::PgPool)"));
    test.extend([TokenTree::Group(Group::new(Delimiter::Brace, made))]);
    test
}

fn parsed(code: &str) -> TokenStream {
    code.parse().expect("Rust")
}
