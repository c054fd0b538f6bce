//! The program over every transport, security and muxer that it knows.

use super::*;

#[test]
fn a_node_can_be_reached_over_every_transport() {
    let socket = file("transports.sock");
    let unix = format!("/unix{}", socket.display());
    for address in ["/ip4/127.0.0.1/tcp/0/ws", unix.as_str()] {
        let node = Node::listen(&["--addr", address]);
        succeed(&["echo", &node.address, "--size", "1MiB", "--streams", "3"]);
        assert_eq!(node.signal("-TERM").0, Some(0));
    }
    assert!(!socket.exists(), "the socket's file goes with its node");
}

#[test]
fn a_socket_goes_with_its_node_whichever_way_that_ends() {
    // So many that the program would be gone before they are, did it not wait for them.
    let sockets: Vec<_> = (0..50).map(|number| file(&format!("failed-{number}.sock"))).collect();
    let mut listen = vec!["listen".to_owned()];
    for socket in &sockets {
        listen.extend(["--addr".to_owned(), format!("/unix{}", socket.display())]);
    }
    listen.extend(["--addr", "/ip4/127.0.0.1/udp/1"].map(ToOwned::to_owned));
    let failed = failure(&listen.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(failed.contains("udp"), "{failed}");
    assert_eq!(sockets.iter().filter(|socket| socket.exists()).count(), 0);

    let socket = file("ways-out.sock");
    let unix = format!("/unix{}", socket.display());

    let mut timed = peerloom(&["listen", "--addr", &unix, "--timeout", "1"]);
    let mut timed = timed.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(timed.stdout.take().unwrap()).read_line(&mut address).unwrap();
    assert!(address.starts_with(&unix), "{address}");
    let output = timed.wait_with_output().unwrap();
    assert!(text(&output.stderr).contains("--timeout") && !socket.exists());

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let unheard = peerloom(&["listen", "--addr", &unix]).stdout(writer).output().unwrap();
    assert_eq!(unheard.status.code(), Some(1));
    assert!(!socket.exists());
}

#[test]
fn an_unknown_layer_is_refused_before_anything_is_made() {
    let key = file("unmade.key");
    let path = key.to_str().unwrap();
    for (layer, known) in
        [("--security", "noise, tls, secio, insecure-plaintext"), ("--muxer", "yamux, mplex")]
    {
        let told = failure(&["listen", "--key", path, layer, "none"]);
        assert!(told.contains("'none'") && told.contains(known), "{told}");
        assert!(!key.exists(), "{layer}");
    }
}

#[test]
fn a_list_may_have_spaces_and_names_everything_once() {
    let node = Node::listen(&["--security", "secio", "--secio-ciphers", "AES-256"]);
    let dial = ["dial", &node.address, "--secio-ciphers", "AES-128, AES-256", "--security"];
    succeed(&[&dial[..], &["noise, secio"]].concat());
    let told = failure(&[&dial[..], &["noise,insecure-plaintext,noise"]].concat());
    assert!(told.contains(r#"none of ["/noise", "/plaintext/2.0.0"]"#), "{told}");
}

#[test]
fn every_security_meets_every_muxer() {
    for (security, name) in [
        ("noise", "/noise"),
        ("tls", "/tls/1.0.0"),
        ("secio", "/secio/1.0.0"),
        ("insecure-plaintext", "/plaintext/2.0.0"),
    ] {
        for (muxer, muxer_name) in [("yamux", "/yamux/1.0.0"), ("mplex", "/mplex/6.7.0")] {
            let layers = ["--security", security, "--muxer", muxer];
            let node = Node::listen(&layers);
            let dialled = succeed(&[&["dial", &node.address], &layers[..]].concat());
            assert_eq!(dialled[0]["security"], name);
            assert_eq!(dialled[0]["muxer"], muxer_name);
            succeed(&[&["echo", &node.address, "--size", "1MiB"], &layers[..]].concat());
        }
    }
}

#[test]
fn a_node_that_is_told_nothing_has_noise_and_tls() {
    let node = Node::listen(&[]);
    for (asked, agreed) in [
        (&[][..], "/noise"),
        (&["--security", "tls"], "/tls/1.0.0"),
        (&["--security", "tls,noise"], "/tls/1.0.0"),
    ] {
        let dialled = succeed(&[&["dial", &node.address], asked].concat());
        assert_eq!(dialled[0]["security"], agreed);
    }
}

#[test]
fn the_demo_shows_what_two_generations_agree_on() {
    let steps = succeed(&["demo", "--size", "1MiB"]);
    let agreed = steps.iter().filter(|step| step["step"] == "agreed");
    let agreed: Vec<_> =
        agreed.map(|step| (step["security"].clone(), step["muxer"].clone())).collect();
    let today = (json!("/noise"), json!("/yamux/1.0.0"));
    assert_eq!(agreed, [today, (json!("/secio/1.0.0"), json!("/mplex/6.7.0"))]);
    let asked = succeed(&["demo", "--size", "1MiB", "--security", "secio"]);
    assert_eq!(asked.iter().filter(|step| step["step"] == "agreed").count(), 1);
}

#[test]
fn secio_uses_what_it_is_told_to() {
    let node = Node::listen(&["--security", "secio", "--secio-ciphers", "Blowfish"]);
    let dial = ["dial", &node.address, "--security", "secio"];
    let refused = failure(&dial);
    assert!(refused.contains("AES-128,AES-256") && refused.contains("Blowfish"), "{refused}");
    succeed(&[&dial[..], &["--secio-ciphers", "AES-128,Blowfish"]].concat());
    let unknown = failure(&[&dial[..], &["--secio-hashes", "MD5"]].concat());
    assert!(unknown.contains("SHA256, SHA512"), "{unknown}");
}

#[test]
fn only_those_with_the_key_are_in_a_private_network() {
    let keys = ["one", "other"].map(|name| {
        let path = file(&format!("{name}.swarm.key"));
        let digits = if name == "one" { "01" } else { "02" };
        let key = digits.repeat(32);
        std::fs::write(&path, format!("/key/swarm/psk/1.0.0/\n/base16/\n{key}\n")).unwrap();
        path.display().to_string()
    });
    let [one, other] = keys.each_ref().map(String::as_str);
    let node = Node::listen(&["--swarm-key", one]);
    succeed(&["echo", &node.address, "--swarm-key", one]);
    for with in [&["--swarm-key", other][..], &[]] {
        let refused = failure(&[&["dial", &node.address], with].concat());
        assert_eq!(refused.contains("network key"), !with.is_empty(), "{refused}");
    }
    let missing = failure(&["dial", &node.address, "--swarm-key", "/nowhere"]);
    assert!(missing.contains("/nowhere"), "{missing}");
}

#[test]
fn a_node_with_a_certificate_listens_in_tls() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (file("wss.pem"), file("wss.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (certificate, key) = (certificate.display().to_string(), key.display().to_string());
    let address = "/ip4/127.0.0.1/tcp/0/wss";
    let node =
        Node::listen(&["--addr", address, "--tls-certificate", &certificate, "--tls-key", &key]);
    succeed(&["echo", &node.address, "--tls-roots", &certificate]);
    let refused = failure(&["dial", &node.address]);
    assert!(refused.contains("certificate"), "{refused}");
    assert!(failure(&["listen", "--addr", address]).contains("certificate"));
}

#[test]
fn a_look_up_that_fails_says_what_was_asked_and_whom() {
    let address = "/dns4/node.example/tcp/4001";
    let told = failure(&["dial", address, "--dns-server", "127.0.0.1:1"]);
    for part in ["node.example", "127.0.0.1:1", "resolve "] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

#[test]
fn an_address_out_of_reach_says_what_it_would_take() {
    let tunnel = "/ip4/127.0.0.1/tcp/1/ip4/127.0.0.2/tcp/2";
    let told = failure(&["dial", tunnel]);
    assert!(told.contains("it would take a tunnel (/ip4/tcp/ip4/tcp)"), "{told}");
    let told = failure(&["listen", "--addr", tunnel]);
    assert!(told.contains("a tunnel") && told.contains("this host has: tcp, ws, unix"), "{told}");
}
