var fake = Fake()
fake.serve()
