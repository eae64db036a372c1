module github.com/ccauth/ccauth/bindings/go

go 1.19
