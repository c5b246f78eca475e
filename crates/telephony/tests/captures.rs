//! Every recording of a real Asterisk, told the way a person would tell it.

mod support;

#[test]
fn every_recording_is_told_as_it_happened() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in support::names() {
            insta::assert_snapshot!(name.clone(), support::tell(&support::report(&name)));
        }
    });
}
