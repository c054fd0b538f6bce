//! Noise passes the suite that every security protocol passes.

use peerloom_core::BoxSecurityUpgrade;
use peerloom_noise::Config;
use peerloom_testkit::security;

#[tokio::test(start_paused = true)]
async fn noise_conforms() {
    security::conforms(|keypair| BoxSecurityUpgrade::new(Config::new(keypair))).await;
}

#[tokio::test(start_paused = true)]
async fn noise_with_fresh_keys_conforms() {
    security::conforms(|keypair| BoxSecurityUpgrade::new(Config::new(keypair).with_fresh_keys()))
        .await;
}
