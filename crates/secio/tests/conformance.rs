//! secio passes the suite that every security protocol passes.

use peerloom_core::BoxSecurityUpgrade;
use peerloom_secio::{Cipher, Config, Exchange, Hash};
use peerloom_testkit::security;

#[tokio::test(start_paused = true)]
async fn secio_conforms() {
    security::conforms(|keypair| BoxSecurityUpgrade::new(Config::new(keypair))).await;
}

#[tokio::test(start_paused = true)]
async fn secio_conforms_where_half_of_all_secrets_begin_with_a_zero() {
    security::conforms(|keypair| {
        let config = Config::new(keypair).with_exchanges([Exchange::P521]);
        BoxSecurityUpgrade::new(config.with_ciphers([Cipher::Blowfish]).with_hashes([Hash::Sha512]))
    })
    .await;
}
