// A go-libp2p 0.2 node, of the year 2019, that listens or dials, so that Peerloom can be tested against it.
//
// It is from before noise, and speaks all that secio ever had.
package main

import (
	program "interop-go-program"

	secio "github.com/libp2p/go-libp2p-secio"
)

func main() {
	program.Run(start, program.Choices{
		"transport": {"tcp", "ws"},
		"security":  {"secio"},
		"muxer":     {"yamux", "mplex"},
		"key-type":  {"ed25519", "secp256k1", "ecdsa", "rsa"},
		"exchange":  {secio.DefaultSupportedExchanges, "P-256", "P-384", "P-521"},
		"cipher":    {secio.DefaultSupportedCiphers, "AES-128", "AES-256", "Blowfish"},
		"hash":      {secio.DefaultSupportedHashes, "SHA256", "SHA512"},
	})
}
