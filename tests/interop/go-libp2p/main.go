// A go-libp2p node of today that listens or dials, so that Peerloom can be tested against it.
package main

import program "interop-go-program"

func main() {
	program.Run(start, program.Choices{
		"transport": {"tcp", "ws"},
		"security":  {"noise", "tls"},
		"muxer":     {"yamux"},
		"key-type":  {"ed25519", "secp256k1", "ecdsa", "rsa"},
		"swarm-key": nil,
	})
}
