//! Plaintext does what a protocol can that authenticates nothing.

use peerloom_core::BoxSecurityUpgrade;
use peerloom_plaintext::InsecurePlaintext;
use peerloom_testkit::security;

#[tokio::test(start_paused = true)]
async fn plaintext_conforms_as_far_as_it_can() {
    security::conforms_without_authenticating(|keypair| {
        BoxSecurityUpgrade::new(InsecurePlaintext::new(keypair.public_key().encode()))
    })
    .await;
}
