module robots

go 1.19
