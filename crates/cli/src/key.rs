//! `peerloom key`: making and showing key files.

use std::path::Path;

use peerloom::identity::{Keypair, Overwrite};
use serde_json::json;

use crate::arguments::{KeyArguments, KeyVerb};
use crate::node::key_type_name;
use crate::output::{Failure, Output};

pub(crate) fn run(arguments: &KeyArguments, output: Output) -> Result<(), Failure> {
    match &arguments.verb {
        KeyVerb::New { file, key_type } => {
            let keypair = Keypair::generate((*key_type).into())?;
            keypair.save(file, Overwrite::Refuse)?;
            show(&keypair, file, output)
        }
        KeyVerb::Show { file } => show(&Keypair::load(file)?, file, output),
    }
}

fn show(keypair: &Keypair, file: &Path, output: Output) -> Result<(), Failure> {
    let peer = keypair.peer_id();
    let key = keypair.public_key().encode();
    let kind = key_type_name(key.key_type());
    let public: String = key.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    let lines = [
        format!("peer id     {peer}"),
        format!("cid         {}", peer.to_cid()),
        format!("type        {kind}"),
        format!("public key  {public}"),
        format!("file        {}", file.display()),
    ];
    let object = json!({
        "peer": peer.to_string(), "cid": peer.to_cid(), "type": kind, "public": public, "file": file.display().to_string(),
    });
    output.print(&lines, object)
}
