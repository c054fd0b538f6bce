module interop-go-program

go 1.26
