// A receiver's check of a webhook, as a program of the hotel's would make it. Reads {secret, headers, body} and says ok or refused.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

func sum(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func main() {
	var got struct {
		Secret, Body string
		Headers      map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&got); err != nil {
		panic(err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(got.Secret, "whsec_"))
	if err != nil {
		panic(err)
	}
	signed := got.Headers["webhook-id"] + "." + got.Headers["webhook-timestamp"] + "." + got.Body
	standard := "v1," + base64.StdEncoding.EncodeToString(sum(key, signed))
	good := false
	for _, one := range strings.Split(got.Headers["webhook-signature"], " ") {
		good = good || hmac.Equal([]byte(one), []byte(standard))
	}
	plain := "sha256=" + hex.EncodeToString(sum([]byte(got.Secret), got.Body))
	if good && hmac.Equal([]byte(got.Headers["x-jack-signature"]), []byte(plain)) {
		fmt.Print("ok")
	} else {
		fmt.Print("refused")
	}
}
