module github.com/looptrace/looptrace

go 1.26
