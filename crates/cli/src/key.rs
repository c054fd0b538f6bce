//! `peerloom key`: making and showing key files.

use std::path::Path;

use peerloom::identity::{Keypair, Overwrite};
use serde_json::json;

use crate::arguments::{KeyArguments, KeyVerb};
use crate::output::{Failure, Output};

pub(crate) fn run(arguments: &KeyArguments, output: Output) -> Result<(), Failure> {
    match &arguments.verb {
        KeyVerb::New { file, key_type } => {
            let keypair = Keypair::generate((*key_type).into())?;
            keypair.save(file, Overwrite::Refuse)?;
            show(&keypair, file, output);
        }
        KeyVerb::Show { file } => show(&Keypair::load(file)?, file, output),
    }
    Ok(())
}

fn show(keypair: &Keypair, file: &Path, output: Output) {
    let peer = keypair.peer_id();
    let key = keypair.public_key().encode();
    let kind = format!("{:?}", key.key_type()).to_lowercase();
    let public: String = key.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!(
        "peer id     {peer}\ncid         {}\ntype        {kind}\npublic key  {public}\nfile        {}",
        peer.to_cid(),
        file.display()
    );
    let object = json!({
        "peer": peer.to_string(), "cid": peer.to_cid(), "type": kind, "public": public, "file": file.display().to_string(),
    });
    output.print(text, object);
}
