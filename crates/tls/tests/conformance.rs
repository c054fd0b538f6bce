//! TLS passes the suite that every security protocol passes.

use peerloom_core::BoxSecurityUpgrade;
use peerloom_testkit::security;
use peerloom_tls::Config;

#[tokio::test(start_paused = true)]
async fn tls_conforms() {
    security::conforms(|keypair| BoxSecurityUpgrade::new(Config::new(keypair))).await;
}

#[tokio::test(start_paused = true)]
async fn tls_with_fresh_certificates_conforms() {
    security::conforms(|keypair| {
        BoxSecurityUpgrade::new(Config::new(keypair).with_fresh_certificates())
    })
    .await;
}
