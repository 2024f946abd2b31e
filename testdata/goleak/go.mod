module example.test/goleak

go 1.26
